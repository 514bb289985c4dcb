#include "widgets/panels/run_details.h"

#include "widgets/models/run_text.h"

#include <QCheckBox>
#include <QEvent>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace stair {

namespace {

using namespace std::chrono_literals;

constexpr auto sendAfter = 1s;

QString tagsText(const RunMeta& meta)
{
    QStringList tags;
    for (const std::string& tag : meta.tags)
        tags += QString::fromStdString(tag);
    return tags.join(QStringLiteral(", "));
}

QString row(const QString& name, const QString& value)
{
    return QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td>%2</td></tr>")
        .arg(name.toHtmlEscaped(), value.toHtmlEscaped());
}

QString factsHtml(const RunLog& run)
{
    const RunIdentity& identity = run.identity();
    const RunProgress& progress = run.progress();
    QString html = QStringLiteral("<table cellspacing=0 cellpadding=1>");
    html += row(RunDetails::tr("State"), stateText(run));
    html += row(RunDetails::tr("Method"), methodText(identity));
    html += row(RunDetails::tr("Network"), QString::fromStdString(identity.network));
    html += row(RunDetails::tr("Data set"), QString::fromStdString(identity.data));
    html += row(RunDetails::tr("Epochs"), QString::number(identity.epochs));
    if (progress.best) {
        html += row(progress.best->validation ? RunDetails::tr("Test, best validation")
                                              : RunDetails::tr("Best test"),
                    percentText(progress.best->test));
        html += row(RunDetails::tr("at step"), countText(progress.best->step));
        if (progress.best->validation)
            html += row(RunDetails::tr("validation"), percentText(*progress.best->validation));
        if (!identity.isFloat())
            html += row(RunDetails::tr("computed by"),
                        progress.best->proved ? RunDetails::tr("integers in every layer")
                                              : RunDetails::tr("partly floats, not proved"));
    }
    html += row(RunDetails::tr("Trained for"), durationText(progress.elapsed));
    return html
        + row(RunDetails::tr("Folder"), QString::fromStdString(run.folder().filename().string()))
        + QStringLiteral("</table>");
}

} // namespace

std::vector<std::string> tagsFrom(const QString& text)
{
    std::vector<std::string> tags;
    for (const QString& part : text.split(QLatin1Char(','))) {
        const std::string tag = part.simplified().toStdString();
        if (!tag.empty() && std::ranges::find(tags, tag) == tags.end())
            tags.push_back(tag);
    }
    return tags;
}

RunDetails::RunDetails(QWidget* parent)
    : QWidget(parent)
    , m_pages(new QStackedWidget)
    , m_empty(new QLabel)
    , m_title(new QLineEdit)
    , m_tags(new QLineEdit)
    , m_star(new QCheckBox(tr("Starred")))
    , m_notes(new QPlainTextEdit)
    , m_facts(new QLabel)
    , m_pending(new QTimer(this))
{
    m_empty->setWordWrap(true);
    m_empty->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_pages->addWidget(m_empty);
    m_pages->addWidget(buildFields());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->addWidget(m_pages);
    m_pending->setSingleShot(true);
    m_pending->setInterval(sendAfter);
    connect(m_pending, &QTimer::timeout, this, &RunDetails::send);
    for (QLineEdit* edit : {m_title, m_tags}) {
        connect(edit, &QLineEdit::textEdited, this, &RunDetails::editSoon);
        connect(edit, &QLineEdit::editingFinished, this, &RunDetails::send);
    }
    connect(m_notes, &QPlainTextEdit::textChanged, this, &RunDetails::editSoon);
    connect(m_star, &QCheckBox::clicked, this, &RunDetails::send);
    setRuns({});
}

QWidget* RunDetails::buildFields()
{
    m_title->setObjectName(QStringLiteral("detailTitle"));
    m_title->setAccessibleName(tr("Title"));
    m_title->setToolTip(tr("The run's name in lists and legends"));
    m_tags->setObjectName(QStringLiteral("detailTags"));
    m_tags->setAccessibleName(tr("Tags"));
    m_tags->setPlaceholderText(tr("separated by commas"));
    m_star->setObjectName(QStringLiteral("detailStar"));
    m_notes->setObjectName(QStringLiteral("detailNotes"));
    m_notes->setAccessibleName(tr("Notes"));
    m_notes->setPlaceholderText(tr("Notes on this run; kept in its meta.json"));
    m_notes->setTabChangesFocus(true);
    m_notes->installEventFilter(this);
    m_facts->setTextFormat(Qt::RichText);
    m_facts->setWordWrap(true);
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* page = new QWidget;
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->setVerticalSpacing(4);
    form->addRow(tr("Title"), m_title);
    form->addRow(tr("Tags"), m_tags);
    form->addRow(QString(), m_star);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addLayout(form);
    layout->addWidget(m_notes, 1);
    layout->addWidget(m_facts);
    layout->addStretch(1);
    return page;
}

void RunDetails::setRuns(const std::vector<const RunLog*>& runs)
{
    if (m_pending->isActive())
        send();
    const RunLog* before = std::exchange(m_run, runs.size() == 1 ? runs.front() : nullptr);
    m_folder = m_run ? QString::fromStdString(m_run->folder().string()) : QString();
    m_pages->setCurrentIndex(m_run ? 1 : 0);
    m_empty->setText(runs.empty()
                         ? tr("Title, tags, notes and facts of a run appear here. Select one in "
                              "the list of runs.")
                         : tr("%1 runs are selected. Select one to see its title, tags, notes and "
                              "facts.")
                               .arg(runs.size()));
    if (m_run) {
        if (m_run != before || !m_isRefused)
            showMeta();
        showFacts();
    }
}

void RunDetails::showMeta()
{
    m_isRefused = false;
    m_shown = m_run->meta();
    const QSignalBlocker quiet(m_notes);
    m_shownName = m_run->identity().name;
    m_title->setText(m_shownName);
    m_tags->setText(tagsText(m_shown));
    m_star->setChecked(m_shown.star);
    const QString notes = QString::fromStdString(m_shown.notes);
    if (notes != m_notes->toPlainText())
        m_notes->setPlainText(notes);
}

void RunDetails::showFacts()
{
    const QString facts = factsHtml(*m_run);
    if (facts != m_facts->text())
        m_facts->setText(facts);
    m_facts->setToolTip(m_folder);
}

void RunDetails::refresh()
{
    if (!m_run)
        return;
    if (!m_pending->isActive() && !m_isRefused
        && (m_run->meta() != m_shown
            || (!m_title->hasFocus() && m_title->text() != m_run->identity().name)))
        showMeta();
    showFacts();
}

void RunDetails::editNotes()
{
    m_notes->setFocus();
}

void RunDetails::editSoon()
{
    m_pending->start();
}

void RunDetails::send()
{
    m_pending->stop();
    if (!m_run)
        return;
    RunMeta meta = m_shown;
    const QString title = m_title->text().trimmed();
    if (title != m_shownName)
        meta.title = title.toStdString();
    meta.tags = tagsFrom(m_tags->text());
    meta.star = m_star->isChecked();
    meta.notes = m_notes->toPlainText().toStdString();
    if (meta == m_shown)
        return;
    const RunMeta before = std::exchange(m_shown, meta);
    const QString nameBefore = std::exchange(m_shownName, title);
    emit edited(m_folder, before, meta);
    m_isRefused = m_run->meta().edited(before, meta) != m_run->meta();
    if (m_isRefused) { // what was typed is sent again with the next edit
        m_shown = before;
        m_shownName = nameBefore;
    }
}

bool RunDetails::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_notes && event->type() == QEvent::FocusOut && m_pending->isActive())
        send();
    return QWidget::eventFilter(watched, event);
}

} // namespace stair
