#include "widgets/panels/race_panel.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

// What the panel is built of.

namespace stair {

namespace {

QComboBox* choiceBox(const char* name, const QString& accessible, const QStringList& choices)
{
    auto* box = new QComboBox;
    box->setObjectName(QLatin1String(name));
    box->setAccessibleName(accessible);
    box->addItems(choices);
    return box;
}

QToolButton* textButton(const char* name, const QString& text, const QString& tip)
{
    auto* button = new QToolButton;
    button->setObjectName(QLatin1String(name));
    button->setText(text);
    button->setToolTip(tip);
    return button;
}

} // namespace

QWidget* RacePanel::buildBar()
{
    auto* bar = new QWidget;
    m_box = choiceBox("raceChoice", tr("Race"), {});
    QSizePolicy wide(QSizePolicy::Ignored, QSizePolicy::Fixed);
    wide.setRetainSizeWhenHidden(true); // the buttons stay at the right
    m_box->setSizePolicy(wide);
    m_box->hide();
    connect(m_box, &QComboBox::activated, this, [this](int index) {
        m_wanted.clear();
        m_pages->setCurrentIndex(Track);
        display(m_races[std::size_t(index)]);
    });
    m_new = textButton("raceNew", tr("Race methods…"),
                       tr("Trains the experiment in the form once with each of several methods"));
    connect(m_new, &QToolButton::clicked, this, &RacePanel::setupWanted);
    m_continue = textButton("raceContinue", tr("Continue race"),
                            tr("Goes on with the runs that were stopped, and starts those that "
                               "are missing"));
    connect(m_continue, &QToolButton::clicked, this, &RacePanel::continueWanted);
    m_stop = textButton("raceStop", tr("Stop race"),
                        tr("Stops all its runs after a checkpoint; they can be continued"));
    connect(m_stop, &QToolButton::clicked, this, &RacePanel::stopWanted);
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_box, 1);
    layout->addWidget(m_new);
    layout->addWidget(m_continue);
    layout->addWidget(m_stop);
    return bar;
}

QWidget* RacePanel::buildEmpty()
{
    auto* page = new QWidget;
    auto* words
        = new QLabel(tr("A race trains the experiment in the form once with each of several "
                        "methods, at the same widths, with the same seeds and the same order "
                        "of the data.\n\nTheir curves appear here side by side, with the "
                        "accuracy, the training time and the step at which their integer "
                        "weights part."));
    words->setAlignment(Qt::AlignCenter);
    words->setWordWrap(true);
    auto* open = new QPushButton(tr("Race methods…"));
    open->setObjectName(QStringLiteral("raceOpen"));
    connect(open, &QPushButton::clicked, this, &RacePanel::setupWanted);
    auto* layout = new QVBoxLayout(page);
    layout->addStretch(1);
    layout->addWidget(words);
    layout->addWidget(open, 0, Qt::AlignHCenter);
    layout->addStretch(1);
    return page;
}

QWidget* RacePanel::buildRace()
{
    m_verdict = new QLabel;
    m_verdict->setObjectName(QStringLiteral("raceVerdict"));
    m_verdict->setWordWrap(true);
    m_verdict->setMinimumHeight(2 * fontMetrics().lineSpacing()); // does not move the board
    QFont bold = m_verdict->font();
    bold.setBold(true);
    m_verdict->setFont(bold);
    buildBoard();
    m_what = choiceBox("raceWhat", tr("Curves show"), {tr("Accuracy"), tr("Loss")});
    m_over = choiceBox("raceOver", tr("Curves over"), {tr("by epoch"), tr("by training time")});
    m_spread = choiceBox("raceSpread", tr("Spread over seeds"),
                         {tr("95 % interval"), tr("standard deviation")});
    for (QComboBox* box : {m_what, m_over})
        connect(box, &QComboBox::currentIndexChanged, this, &RacePanel::layLanes);
    connect(m_spread, &QComboBox::currentIndexChanged, this,
            [this](int index) { m_model.setSpread(RaceSpread(index)); });
    auto* choices = new QHBoxLayout;
    choices->addWidget(new QLabel(tr("Curves")));
    choices->addWidget(m_what);
    choices->addWidget(m_over);
    choices->addStretch(1);
    choices->addWidget(new QLabel(tr("Spread over seeds")));
    choices->addWidget(m_spread);

    m_track = new QWidget;
    m_grid = new QGridLayout(m_track);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(12);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setAccessibleName(tr("Lanes"));
    scroll->setWidget(m_track);
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_verdict);
    layout->addWidget(m_board);
    layout->addLayout(choices);
    layout->addWidget(scroll, 1);
    return page;
}

void RacePanel::buildBoard()
{
    auto* sorted = new QSortFilterProxyModel(this);
    sorted->setSourceModel(&m_model);
    sorted->setSortRole(RaceModel::SortRole);
    m_board = new QTableView;
    m_board->setObjectName(QStringLiteral("raceBoard"));
    m_board->setAccessibleName(tr("Scoreboard"));
    m_board->setModel(sorted);
    m_board->setIconSize({48, 12}); // a lane's colour and dash
    m_board->setSortingEnabled(true);
    m_board->sortByColumn(-1, Qt::AscendingOrder);
    m_board->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_board->setSelectionMode(QAbstractItemView::SingleSelection);
    m_board->setShowGrid(false);
    m_board->setWordWrap(false);
    m_board->setTabKeyNavigation(false);
    m_board->setToolTip(tr("Double click: select the lane's runs in the list"));
    m_board->verticalHeader()->hide();
    m_board->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    m_board->horizontalHeader()->setHighlightSections(false);
    m_board->horizontalHeader()->setStretchLastSection(true);
    const int digit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    const int digits[] = {6, 31, 10, 16, 10, 9, 20, 20};
    for (int column = 0; column < RaceModel::Columns; ++column)
        m_board->setColumnWidth(column, digits[column] * digit);
    connect(m_board, &QTableView::activated, this, [this, sorted](const QModelIndex& index) {
        const auto lane = std::size_t(sorted->mapToSource(index).row());
        std::vector<RunLog*> runs = race().lanes[lane].runs;
        std::erase(runs, nullptr);
        emit runsWanted(runs);
    });
}

} // namespace stair
