#include "widgets/main/about_dialog.h"

#include "core/session/environment.h"

#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStandardItemModel>
#include <QTableView>
#include <QVBoxLayout>

namespace stair {

namespace {

QString textOf(const Json& value)
{
    return value.is_string() ? QString::fromStdString(value).toHtmlEscaped()
                             : QString::fromStdString(value.dump());
}

QString versionsHtml()
{
    const Json facts = describeProgram();
    const Json& libraries = facts.at("libraries");
    const auto row = [](const QString& name, const QString& value) {
        return QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td>%2</td></tr>").arg(name, value);
    };
    return AboutDialog::tr("<h3>Staircase %1</h3><p>A workbench for quantization experiments: what "
                           "you train is what you ship.</p>")
               .arg(QString::fromStdString(facts.at("program").at("version")))
        + QStringLiteral("<table>")
        + row(AboutDialog::tr("Libraries"),
              AboutDialog::tr("Qt %1, oneDNN %2, Eigen %3, nlohmann-json %4; Highway, QCustomPlot")
                  .arg(textOf(libraries.at("qt")), textOf(libraries.at("onednn")),
                       textOf(libraries.at("eigen")), textOf(libraries.at("json"))))
        + row(AboutDialog::tr("Compiler"), textOf(facts.at("compiler")))
        + row(AboutDialog::tr("System"), textOf(facts.at("system")))
        + row(AboutDialog::tr("CPU"),
              AboutDialog::tr("%1, %2 cores")
                  .arg(textOf(facts.at("cpu")), textOf(facts.at("cores"))))
        + row(AboutDialog::tr("Licence"), AboutDialog::tr("GPL-3.0-or-later"))
        + QStringLiteral("</table>");
}

/// Of the epilogues that a kernel computes with its sums: how many, or how many of them are wrong.
QString fusedText(const Json& epilogues)
{
    int all = 0, wrong = 0;
    for (const Json& epilogue : epilogues) {
        all += epilogue.at("missing").get<bool>() ? 0 : 1;
        wrong += epilogue.at("wrong").get<int>() > 0 ? 1 : 0;
    }
    if (wrong > 0)
        return AboutDialog::tr(" (%1 of %2 fused epilogues WRONG)").arg(wrong).arg(all);
    return all > 0 ? AboutDialog::tr(" (and %1 fused epilogues)").arg(all) : QString();
}

/// "a exact, b exact (and 3 fused epilogues)", those that are wrong with their count.
QString kernelsText(const Json& kernels)
{
    QStringList texts;
    for (const Json& kernel : kernels) {
        const int wrong = kernel.at("wrong").get<int>();
        const QString name = QString::fromStdString(kernel.at("kernel"));
        texts += wrong == 0 ? AboutDialog::tr("%1 exact").arg(name)
                            : AboutDialog::tr("%1: %2 sums WRONG").arg(name).arg(wrong);
        texts.back() += fusedText(kernel.at("epilogues"));
    }
    return texts.join(QStringLiteral(", "));
}

} // namespace

AboutDialog::AboutDialog(const QString& program, QWidget* parent)
    : QDialog(parent)
    , m_job(program)
{
    setObjectName(QStringLiteral("aboutDialog"));
    setWindowTitle(tr("About Staircase"));
    auto* versions = new QLabel(versionsHtml());
    versions->setObjectName(QStringLiteral("versions"));
    versions->setWordWrap(true);
    versions->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(versions);
    layout->addWidget(buildCheck(), 1);
    layout->addWidget(buttons);
    resize(960, 600);
    connect(&m_job, &StairJob::finished, this, &AboutDialog::take);
    check();
}

QWidget* AboutDialog::buildCheck()
{
    auto* box = new QWidget;
    m_verdict = new QLabel;
    m_verdict->setObjectName(QStringLiteral("conformance"));
    m_verdict->setWordWrap(true);
    m_progress = new QProgressBar;
    m_progress->setRange(0, 0);
    m_progress->setTextVisible(false);
    m_progress->setMaximumWidth(120);
    m_check = new QPushButton;
    m_check->setObjectName(QStringLiteral("conformanceCheck"));
    connect(m_check, &QPushButton::clicked, this, [this] {
        if (m_job.isRunning())
            m_job.cancel();
        else
            check();
    });
    m_rows = new QStandardItemModel(this);
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("conformanceTable"));
    m_table->setAccessibleName(tr("Integer kernels on this CPU"));
    m_table->setModel(m_rows);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    auto* head = new QHBoxLayout;
    head->addWidget(m_verdict, 1);
    head->addWidget(m_progress);
    head->addWidget(m_check);
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(head);
    layout->addWidget(m_table, 1);
    return box;
}

void AboutDialog::check()
{
    m_rows->clear();
    m_verdict->setText(tr("Checking every integer kernel on this CPU against sums taken product by "
                          "product."));
    m_progress->show();
    m_check->setText(tr("Cancel"));
    m_job.start({QStringLiteral("conformance")});
}

void AboutDialog::take(const StairJob::Outcome& outcome)
{
    m_progress->hide();
    m_check->setText(tr("Check again"));
    if (outcome.isCancelled)
        m_verdict->setText(tr("The check was cancelled."));
    else if (!outcome.document.is_object()) // with wrong kernels its code is not 0 either
        m_verdict->setText(tr("The check failed: %1").arg(outcome.complaint));
    else
        showRows(outcome.document);
}

void AboutDialog::showRows(const Json& report)
{
    const int wrong = report.at("wrong").get<int>();
    const QString isa = QString::fromStdString(report.at("isa"));
    m_verdict->setText(
        wrong == 0 ? tr("Instruction set %1. Every integer kernel is exact on this CPU.").arg(isa)
                   : tr("Instruction set %1. %2 kernels compute wrong sums on this CPU; where the "
                        "check before first use sees it, another is taken.")
                         .arg(isa)
                         .arg(wrong));
    m_rows->setHorizontalHeaderLabels(
        {tr("Convolution"), tr("Codes"), tr("Taken"), tr("Kernels, fastest first")});
    for (const Json& row : report.at("rows")) {
        QList<QStandardItem*> items;
        for (const QString& text :
             {QString::fromStdString(row.at("convolution")),
              QString::fromStdString(row.at("codes")), QString::fromStdString(row.at("taken")),
              kernelsText(row.at("kernels"))}) {
            items += new QStandardItem(text);
            items.back()->setToolTip(text);
        }
        m_rows->appendRow(items);
    }
    const int digit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    const int widths[] = {24, 18, 26};
    for (int i = 0; i < 3; ++i)
        m_table->setColumnWidth(i, widths[i] * digit);
}

} // namespace stair
