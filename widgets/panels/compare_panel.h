#pragma once

#include "core/session/stair_job.h"
#include "widgets/models/data_desk.h"
#include "widgets/models/run_log.h"
#include "widgets/models/value_table_model.h"

#include <QStringList>
#include <QWidget>

#include <vector>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QTableView;
class QTabWidget;
class QToolButton;

namespace stair {

class MatrixView;
class NoticeStrip;

/// Two of the selected runs side by side: settings that differ at once; layers, confusion matrices
/// and the images that they tell differently once `stair compare` has run.
class ComparePanel : public QWidget
{
    Q_OBJECT

public:
    /// `program`: the `stair` binary.
    explicit ComparePanel(const QString& program, QWidget* parent = nullptr);

    void setRuns(const std::vector<const RunLog*>& runs);
    void refresh();
    void selectLayer(const QString& name); // now, or when it is there

    /// What `stair compare` found for the first two of these runs; null when it has not looked at
    /// them, in this order.
    Json resultOf(const std::vector<const RunLog*>& runs) const;

signals:
    void layerSelected(const QString& name);
    void compared(); // or failed, or cancelled

private:
    QWidget* buildBar();
    QTableView* addTable(ValueTableModel& model, const char* name, const QString& title);
    void takePair();
    void showSettings();
    void compare();
    void take(const StairJob::Outcome& outcome);
    void showResult(const Json& result);
    void fillLayers();
    void takeCurrent();
    void showLayer(); // m_wanted's row, if there is one
    void fillFlipped();
    void showImage();
    void updateControls();
    const RunLog* chosen(const QComboBox* box) const;
    QStringList pair() const; // the folders of what is chosen

    std::vector<const RunLog*> m_runs;
    StairJob m_job;
    QStringList m_compared; // the pair() that the job looks at
    DataDesk m_data;
    bool m_awaitsSpecs = false; // a run has been started and has not written its settings
    Json m_result; // of `stair compare`; null: none yet
    ValueTableModel m_settings;
    ValueTableModel m_layers;
    QString m_wanted; // layer that was chosen, here or elsewhere
    ValueTableModel m_flipped;
    QComboBox* m_first = nullptr;
    QComboBox* m_second = nullptr;
    QSpinBox* m_images = nullptr;
    QPushButton* m_compare = nullptr;
    QProgressBar* m_progress = nullptr;
    QToolButton* m_cancel = nullptr;
    NoticeStrip* m_notice = nullptr;
    QLabel* m_verdict = nullptr;
    QTabWidget* m_tabs = nullptr;
    QTableView* m_layerTable = nullptr;
    QTableView* m_flippedTable = nullptr;
    QLabel* m_picture = nullptr;
    MatrixView* m_matrices[2] = {};
};

} // namespace stair
