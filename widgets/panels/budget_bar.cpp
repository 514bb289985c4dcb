#include "widgets/panels/budget_bar.h"

#include "widgets/models/run_text.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

/// Rounded away from what would not fit.
double tenthsAbove(std::int64_t bytes)
{
    return std::ceil(double(bytes) / 100) / 10;
}

QString kilobytesText(std::int64_t bytes)
{
    return BudgetBar::tr("%1 kB").arg(double(bytes) / 1000, 0, 'f', 1);
}

} // namespace

BudgetBar::BudgetBar(const QString& program, QWidget* parent)
    : QWidget(parent)
    , m_job(program)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(buildBudget());
    layout->addWidget(buildResult());
    connect(&m_job, &StairJob::finished, this, &BudgetBar::take);
    connect(&m_job, &StairJob::said, this,
            [this](const QString& line) { m_range->setText(tr("Checking: %1").arg(line)); });
    updateControls();
}

QWidget* BudgetBar::buildBudget()
{
    auto* row = new QWidget;
    m_budget = new QDoubleSpinBox;
    m_budget->setObjectName(QStringLiteral("budget"));
    m_budget->setAccessibleName(tr("Size budget"));
    m_budget->setSuffix(tr(" kB"));
    m_budget->setDecimals(1);
    m_budget->setToolTip(tr("The most that the packed weights may take; 1 kB is 1000 bytes"));
    m_range = new QLabel;
    m_range->setObjectName(QStringLiteral("budgetRange"));
    m_range->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_propose = new QPushButton(tr("Propose widths"));
    m_propose->setObjectName(QStringLiteral("budgetPropose"));
    m_propose->setToolTip(tr("Finds the widths that lose least within the budget, by the sum of "
                             "what each layer loses alone, and checks them on the test split "
                             "against one width for all layers"));
    m_stop = new QToolButton;
    m_stop->setObjectName(QStringLiteral("budgetStop"));
    m_stop->setText(tr("Cancel"));
    m_stop->setAccessibleName(tr("Cancel the proposal"));
    connect(m_propose, &QPushButton::clicked, this, &BudgetBar::propose);
    connect(m_stop, &QToolButton::clicked, &m_job, &StairJob::cancel);
    auto* label = new QLabel(tr("Size budget"));
    label->setBuddy(m_budget);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(label);
    layout->addWidget(m_budget);
    layout->addWidget(m_range, 1);
    layout->addWidget(m_propose);
    layout->addWidget(m_stop);
    return row;
}

QWidget* BudgetBar::buildResult()
{
    m_resultRow = new QWidget;
    m_result = new QLabel;
    m_result->setObjectName(QStringLiteral("budgetResult"));
    m_result->setWordWrap(true);
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_fork = new QPushButton(tr("Fork with these widths"));
    m_fork->setObjectName(QStringLiteral("budgetFork"));
    m_fork->setToolTip(tr("Puts the run's settings with the proposed widths into the form, to be "
                          "trained on from its weights"));
    connect(m_fork, &QPushButton::clicked, this, [this] {
        Widths changing = m_widths;
        std::erase_if(changing, [](const auto& width) { return width.second == 0; });
        emit forkWanted(changing);
    });
    auto* layout = new QHBoxLayout(m_resultRow);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_result, 1);
    layout->addWidget(m_fork, 0, Qt::AlignBottom);
    return m_resultRow;
}

void BudgetBar::setMap(const std::filesystem::path& run, const std::optional<MeasuredMap>& map)
{
    const bool isOther = run != m_run || map.has_value() != m_map.has_value()
        || (map && map->checkpoint != m_map->checkpoint);
    m_run = run;
    m_map = map;
    if (isOther) {
        if (m_job.isRunning())
            m_job.cancel();
        forget();
        if (m_map) {
            const SizeRange range = sizeRange(m_map->options());
            m_budget->setRange(tenthsAbove(range.least), tenthsAbove(range.most));
            m_budget->setValue(double(range.least + range.most) / 2000);
        }
    }
    updateControls();
}

void BudgetBar::propose()
{
    forget();
    emit failed({});
    const SizeRange range = sizeRange(m_map->options());
    const auto bytes = std::min<std::int64_t>(std::llround(m_budget->value() * 1000), range.most);
    m_job.start({QStringLiteral("propose"), QString::fromStdString(m_run.string()),
                 QStringLiteral("--budget"), QString::number(bytes)});
    updateControls();
}

void BudgetBar::forget()
{
    if (m_widths.empty())
        return;
    m_widths.clear();
    emit proposed({});
}

void BudgetBar::take(const StairJob::Outcome& outcome)
{
    if (outcome.isCancelled) { // setMap() does, where it was of another map
        updateControls();
        return;
    }
    if (outcome.code == 0 && outcome.document.is_object()) {
        const Json& document = outcome.document;
        for (const Json& layer : document.at("layers"))
            m_widths.emplace_back(layer.at("layer").get<std::string>(),
                                  layer.at("bits").is_null() ? 0 : layer.at("bits").get<int>());
        const Json& proposal = document.at("proposal");
        QString text = tr("%1, top-1 %2 on %3 test images. %4")
                           .arg(kilobytesText(proposal.at("bytes").get<std::int64_t>()),
                                percentText(proposal.at("top1").get<double>()),
                                countText(proposal.at("images").get<double>()),
                                QString::fromStdString(document.at("verdict")));
        if (document.contains("warning"))
            text += QLatin1Char(' ') + QString::fromStdString(document.at("warning"));
        m_result->setText(text);
        emit proposed(m_widths);
    } else {
        emit failed(outcome.complaint);
    }
    updateControls();
}

void BudgetBar::updateControls()
{
    const bool isBusy = m_job.isRunning();
    m_budget->setEnabled(m_map && !isBusy);
    m_propose->setEnabled(m_map.has_value());
    m_propose->setVisible(!isBusy);
    m_stop->setVisible(isBusy);
    m_resultRow->setVisible(!m_widths.empty());
    const bool changes
        = std::ranges::any_of(m_widths, [](const auto& width) { return width.second != 0; });
    m_fork->setEnabled(changes);
    if (isBusy)
        return;
    if (!m_map) {
        m_range->setText(tr("needs the whole map of one layer at a time"));
        return;
    }
    const SizeRange range = sizeRange(m_map->options());
    m_range->setText(tr("of %1 to %2").arg(kilobytesText(range.least), kilobytesText(range.most)));
}

} // namespace stair
