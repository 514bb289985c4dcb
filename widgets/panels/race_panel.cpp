#include "widgets/panels/race_panel.h"

#include "widgets/panels/notice_strip.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace stair {

namespace {

constexpr qint64 drawEvery = 200; // ms: several plots are drawn at once
constexpr int lanesInRow = 4;

} // namespace

RacePanel::RacePanel(const RunListModel& runs, QWidget* parent)
    : QWidget(parent)
    , m_runs(runs)
    , m_pages(new QStackedWidget)
    , m_setup(new RaceSetup)
    , m_notice(new NoticeStrip)
{
    setObjectName(QStringLiteral("racePanel"));
    m_notice->setObjectName(QStringLiteral("raceNotice"));
    m_notice->setClosable(true);
    m_pages->addWidget(buildEmpty());
    m_pages->addWidget(m_setup);
    m_pages->addWidget(buildRace());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 6, 12, 6);
    layout->addWidget(buildBar());
    layout->addWidget(m_notice);
    layout->addWidget(m_pages, 1);
    connect(m_setup, &RaceSetup::startWanted, this, [this] {
        try {
            m_notice->fallSilent();
            const RaceStart race = m_setup->start();
            m_pages->setCurrentIndex(this->race().id.empty() ? Empty : Track);
            emit startWanted(race);
        } catch (const std::exception& error) {
            m_notice->say(NoticeStrip::Kind::Error, QString::fromUtf8(error.what()));
        }
    });
    connect(m_setup, &RaceSetup::cancelled, this,
            [this] { m_pages->setCurrentIndex(race().id.empty() ? Empty : Track); });
    connect(&runs, &RunListModel::rowsRemoved, this, &RacePanel::findRaces); // its logs are gone
    updateControls();
}

RaceView RacePanel::view() const
{
    return {m_what->currentIndex() == 1, m_over->currentIndex() == 1};
}

void RacePanel::setExperiment(const std::optional<ExperimentSpec>& spec, const QString& problem)
{
    if (m_pages->currentIndex() == Setup)
        m_setup->setExperiment(spec, problem);
}

void RacePanel::openSetup()
{
    m_pages->setCurrentIndex(Setup);
    m_setup->focusMethods();
}

void RacePanel::showRace(const std::string& id)
{
    m_wanted = id;
    m_notice->say(
        NoticeStrip::Kind::Result,
        tr("The race is being started: its lanes appear with the first word of their runs."));
    findRaces();
}

void RacePanel::giveUpWaiting()
{
    m_wanted.clear();
    m_notice->say(NoticeStrip::Kind::Error,
                  tr("No run of the race could be started; the window's notice says why."));
}

void RacePanel::setDriven(bool driven)
{
    m_driven = driven;
    updateControls();
}

void RacePanel::fillBox()
{
    m_box->clear();
    for (const Race& race : m_races)
        m_box->addItem(race.heading, QString::fromStdString(race.id));
    m_box->setCurrentIndex(m_box->findData(QString::fromStdString(race().id)));
    m_box->setVisible(!m_races.empty());
}

void RacePanel::findRaces()
{
    std::vector<Race> races = racesOf(m_runs);
    if (races != m_races) {
        m_races = std::move(races);
        const auto find = [this](const std::string& id) {
            return std::ranges::find(m_races, id, &Race::id);
        };
        auto shown = find(m_wanted.empty() ? race().id : m_wanted);
        if (shown == m_races.end())
            shown = find(race().id);
        else if (!m_wanted.empty()) {
            m_wanted.clear();
            m_notice->fallSilent();
        }
        if (shown == m_races.end()) // gone, or the first one
            shown = m_races.begin();
        if (m_races.empty())
            display({});
        else if (*shown != race())
            display(*shown);
        fillBox();
        if (m_pages->currentIndex() != Setup)
            m_pages->setCurrentIndex(m_races.empty() ? Empty : Track);
    }
    updateControls();
}

void RacePanel::display(const Race& race)
{
    const bool isOther = race.id != m_model.race().id;
    const bool sameLanes
        = !isOther && race.record == m_model.race().record && race.lanes.size() == m_lanes.size();
    m_model.setRace(race);
    const int rows = int(race.lanes.size());
    m_board->setFixedHeight(m_board->horizontalHeader()->sizeHint().height()
                            + rows * m_board->verticalHeader()->defaultSectionSize()
                            + m_board->horizontalScrollBar()->sizeHint().height() + 4);
    m_box->setCurrentIndex(m_box->findData(QString::fromStdString(race.id)));
    if (isOther && !race.lanes.empty())
        m_board->setCurrentIndex(m_board->model()->index(0, 0));
    if (!sameLanes) {
        layLanes();
        return;
    }
    for (RaceLaneWidget* lane : m_lanes) // a run came or went
        lane->setRuns(race);
    m_drawn.invalidate();
    refresh();
}

void RacePanel::layLanes()
{
    for (RaceLaneWidget* lane : m_lanes)
        delete lane;
    m_lanes.clear();
    const std::size_t count = race().lanes.size();
    const std::size_t rows = (count + lanesInRow - 1) / lanesInRow;
    const std::size_t inRow = rows > 0 ? (count + rows - 1) / rows : 1;
    for (std::size_t i = 0; i < count; ++i) {
        m_lanes.push_back(new RaceLaneWidget(race(), i, view()));
        m_lanes.back()->setObjectName(QStringLiteral("raceLane%1").arg(i));
        m_grid->addWidget(m_lanes.back(), int(i / inRow), int(i % inRow));
    }
    for (int column = 0; column < lanesInRow; ++column)
        m_grid->setColumnStretch(column, column < int(std::min(count, inRow)) ? 1 : 0);
    m_drawn.invalidate();
    refresh();
}

void RacePanel::refresh()
{
    if (m_drawn.isValid() && m_drawn.elapsed() < drawEvery)
        return;
    m_drawn.start();
    m_model.refresh();
    m_verdict->setText(race().lanes.empty() ? QString() : m_model.verdict());
    for (RaceLaneWidget* lane : m_lanes)
        lane->refresh();
    updateControls();
}

void RacePanel::updateControls()
{
    const bool has = !race().id.empty();
    const bool isOn = has && (race().isActive() || m_driven);
    m_box->setEnabled(m_races.size() > 1);
    m_stop->setVisible(has && isOn);
    m_continue->setVisible(has && !isOn && !race().isComplete());
}

} // namespace stair
