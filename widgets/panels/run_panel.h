#pragma once

#include "widgets/models/run_log.h"

#include <QWidget>

#include <vector>

class QAction;
class QLabel;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace stair {

class CurvesPanel;
class NoticeStrip;
class RunRow;

/// The runs that are being looked at: where each stands, what it has to say, the results in words,
/// and the curves.
class RunPanel : public QWidget
{
    Q_OBJECT

public:
    /// The actions become buttons; the caller keeps them enabled and named as the runs demand.
    RunPanel(QAction* pauseResume, QAction* stop, QAction* linkSteps, QWidget* parent = nullptr);

    /// The runs must outlive their being set.
    void setRuns(const std::vector<const RunLog*>& runs);
    const std::vector<const RunLog*>& runs() const { return m_shown; }

    /// Shows what is new. Called on each tick of the window.
    void refresh();

    CurvesPanel* curves() const { return m_curves; }

public slots:
    void selectLayer(const QString& layer); // not signalled

signals:
    void layerSelected(const QString& layer); // by the user

private:
    QWidget* buildRuns(QAction* pauseResume, QAction* stop);
    void refreshFigures();
    void refreshNotices();

    std::vector<const RunLog*> m_shown;
    std::vector<RunRow*> m_rows;
    QStackedWidget* m_pages = nullptr;
    QVBoxLayout* m_rowLayout = nullptr;
    QLabel* m_figures = nullptr; // of a run that is shown alone
    NoticeStrip* m_notice = nullptr;
    NoticeStrip* m_result = nullptr;
    CurvesPanel* m_curves = nullptr;
};

} // namespace stair
