#include "widgets/panels/race_setup.h"

#include "core/base/error.h"
#include "core/session/local_launcher.h"
#include "widgets/models/run_text.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace stair {

namespace {

constexpr int mostSeeds = 5;

QSpinBox* numberBox(const char* name, const QString& accessible, int least, int most)
{
    auto* box = new QSpinBox;
    box->setObjectName(QLatin1String(name));
    box->setAccessibleName(accessible);
    box->setRange(least, most);
    return box;
}

} // namespace

RaceSetup::RaceSetup(QWidget* parent)
    : QWidget(parent)
    , m_table(new QTableView)
    , m_title(new QLineEdit)
    , m_help(new QLabel)
    , m_plan(new QLabel)
    , m_start(new QPushButton(tr("Start race")))
{
    m_table->setObjectName(QStringLiteral("raceMethods"));
    m_table->setAccessibleName(tr("Methods that race"));
    m_table->setModel(&m_methods);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->setColumnWidth(0, 26 * fontMetrics().horizontalAdvance(QLatin1Char('0')));
    m_help->setObjectName(QStringLiteral("raceHelp"));
    m_help->setWordWrap(true);
    m_help->setMinimumHeight(3
                             * fontMetrics().lineSpacing()); // longer ones must not move the table
    m_help->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_plan->setObjectName(QStringLiteral("racePlan"));
    m_plan->setWordWrap(true);
    m_start->setObjectName(QStringLiteral("raceStart"));
    auto* cancel = new QPushButton(tr("Cancel"));
    cancel->setObjectName(QStringLiteral("raceCancel"));
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_plan, 1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_start);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(buildFields());
    layout->addWidget(m_table, 1);
    layout->addWidget(m_help);
    layout->addLayout(buttons);

    connect(&m_methods, &RaceMethodModel::chosenChanged, this, &RaceSetup::updateControls);
    connect(m_start, &QPushButton::clicked, this, &RaceSetup::startWanted);
    connect(cancel, &QPushButton::clicked, this, &RaceSetup::cancelled);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                m_help->setText(current.siblingAtColumn(RaceMethodModel::Remark).data().toString());
            });
}

QWidget* RaceSetup::buildFields()
{
    auto* fields = new QWidget;
    auto* row = new QHBoxLayout(fields);
    row->setContentsMargins(0, 0, 0, 0);
    m_title->setObjectName(QStringLiteral("raceTitle"));
    m_title->setAccessibleName(tr("Name of the race"));
    m_weights = numberBox("raceWeights", tr("Width of the weights"), 1, 8);
    m_activations = numberBox("raceActivations", tr("Width of the activations"), 1, 8);
    m_seeds = numberBox("raceSeeds", tr("Number of seeds"), 1, mostSeeds);
    m_weights->setSuffix(tr(" bit"));
    m_activations->setSuffix(tr(" bit"));
    m_seeds->setToolTip(tr("Each method trains once with each seed, from the experiment's own seed "
                           "on. With one seed nothing can be said of chance."));
    const auto add = [row](const QString& label, QWidget* field, int stretch = 0) {
        auto* text = new QLabel(label);
        text->setBuddy(field);
        row->addWidget(text);
        row->addWidget(field, stretch);
    };
    add(tr("Name"), m_title, 1);
    add(tr("Weights"), m_weights);
    add(tr("Activations"), m_activations);
    add(tr("Seeds"), m_seeds);
    for (QSpinBox* box : {m_weights, m_activations})
        connect(box, &QSpinBox::valueChanged, this, &RaceSetup::showEntrants);
    connect(m_seeds, &QSpinBox::valueChanged, this, &RaceSetup::updateControls);
    return fields;
}

void RaceSetup::setExperiment(const std::optional<ExperimentSpec>& spec, const QString& problem)
{
    const std::optional<ExperimentSpec> before = m_spec;
    m_spec = spec;
    m_problem = problem;
    const bool newWidths
        = spec && (!before || raceWidths(*before) != raceWidths(*spec)); // else the user's stay
    if (newWidths) {
        const auto [weights, activations] = raceWidths(*spec);
        const QSignalBlocker quiet(m_weights), still(m_activations);
        m_weights->setValue(weights);
        m_activations->setValue(activations);
    }
    showEntrants();
}

void RaceSetup::showEntrants()
{
    const int row = m_table->currentIndex().row();
    m_methods.setEntrants(m_spec ? raceEntrants(*m_spec, m_weights->value(), m_activations->value())
                                 : std::vector<RaceEntrant>());
    m_table->setCurrentIndex(m_methods.index(std::max(0, row), 0));
}

QString RaceSetup::proposedTitle() const
{
    QStringList titles;
    for (int row = 0; row < m_methods.rowCount(); ++row) {
        const QModelIndex place = m_methods.index(row, RaceMethodModel::Method);
        if (place.data(Qt::CheckStateRole).toInt() == Qt::Checked)
            titles += place.data()
                          .toString()
                          .section(QStringLiteral(" ("), 0, 0)
                          .section(QLatin1Char(','), 0, 0);
    }
    return tr("%1, W%2A%3")
        .arg(titles.join(QStringLiteral(", ")))
        .arg(m_weights->value())
        .arg(m_activations->value());
}

void RaceSetup::updateControls()
{
    const int lanes = int(m_methods.chosen().size());
    const int seeds = m_seeds->value();
    QString plan;
    if (!m_spec) {
        plan = tr("The form cannot be trained: %1").arg(m_problem);
    } else if (lanes < 2) {
        plan = tr("Tick two methods or more.");
    } else {
        const int threads
            = m_spec->threads > 0 ? m_spec->threads : LocalLauncher::threadsEach(lanes);
        plan = tr("%1 runs: %2 lanes side by side with %3 each, %4")
                   .arg(lanes * seeds)
                   .arg(lanes)
                   .arg(threads == 1 ? tr("one thread") : tr("%1 threads").arg(threads))
                   .arg(seeds == 1 ? tr("one seed.")
                                   : tr("the %1 seeds one after the other.").arg(seeds));
    }
    m_plan->setText(plan);
    m_start->setEnabled(m_spec && lanes >= 2);
    m_title->setPlaceholderText(lanes > 0 ? proposedTitle() : QString());
}

RaceStart RaceSetup::start() const
{
    if (!m_spec)
        throw Error(m_problem.toStdString());
    RaceStart race;
    race.record.methods = m_methods.chosen();
    const QString title = m_title->text().trimmed();
    race.record.title = (title.isEmpty() ? proposedTitle() : title).toStdString();
    for (int i = 0; i < m_seeds->value(); ++i)
        race.record.seeds.push_back(m_spec->seed + std::uint64_t(i));
    for (const std::string& method : race.record.methods) {
        ExperimentSpec spec = raceSpec(*m_spec, method, m_weights->value(), m_activations->value());
        if (spec.threads == 0) // the same in all, whatever else is on when the last ones start
            spec.threads = LocalLauncher::threadsEach(int(race.record.methods.size()));
        race.specs.push_back(std::move(spec));
    }
    return race;
}

void RaceSetup::focusMethods()
{
    m_table->setFocus();
}

} // namespace stair
