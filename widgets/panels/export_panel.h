#pragma once

#include "core/session/stair_job.h"
#include "widgets/models/export_model.h"
#include "widgets/models/run_log.h"

#include <QWidget>

#include <deque>
#include <filesystem>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QTableView;
class QToolButton;

namespace stair {

class NoticeStrip;
class PathEdit;

/// Writes the model of a run in the formats that are chosen, and has each file verified where it
/// can be read back. The work is done by `stair`, in the background.
class ExportPanel : public QWidget
{
    Q_OBJECT

public:
    /// `program`: the `stair` binary.
    explicit ExportPanel(const QString& program, QWidget* parent = nullptr);

    /// What the layers of a run's program compute in.
    enum class Layers
    {
        Integers,
        Mixed,
        Floats
    };

    /// The run whose model leaves; an empty path: none. `hasCheckpoint`: whether there is something
    /// to export yet.
    void setRun(const std::filesystem::path& folder, const QString& name, bool hasCheckpoint,
                Layers layers);

    /// The same of the one run that is selected; of several, none.
    void setRuns(const std::vector<const RunLog*>& runs);
    void refresh();

    /// Chooses one format alone: what a menu entry does.
    void choose(const std::string& format) { m_model.choose(format); }

    /// Asks for an exported file and verifies it.
    void browseToVerify();
    void verify(const QString& file);

signals:
    /// Everything that was asked has been done, or has failed.
    void idle();

private:
    struct Call
    {
        enum class Kind
        {
            Sizes,
            Export,
            Verify
        };
        Kind kind;
        QStringList arguments;
        QString what; // "ONNX, integer operations"
        QString file; // that is written or verified; empty: none
        std::filesystem::path run; // whose model it is; empty: a file's
    };

    static Call verification(const QString& file);
    QWidget* buildFoot();
    void offerCheckpoints();
    void setCheckpoint();
    void askSizes();
    void exportChosen();
    void begin();
    void startNext();
    void take(const StairJob::Outcome& outcome);
    void takeVerdict(const QString& file, const Json& verdict);
    void say(const QString& line, bool isGood);
    void updateControls();

    const RunLog* m_log = nullptr;
    std::filesystem::path m_run;
    bool m_hasCheckpoint = false;
    Layers m_layers = Layers::Integers;
    ExportModel m_model;
    StairJob m_job;
    std::deque<Call> m_calls; // the first one runs
    QStringList m_lines; // what came of the calls
    bool m_allGood = true;
    QLabel* m_title = nullptr;
    QTableView* m_table = nullptr;
    QComboBox* m_checkpoint = nullptr;
    PathEdit* m_folder = nullptr;
    QPushButton* m_sizes = nullptr;
    QPushButton* m_export = nullptr;
    QToolButton* m_cancel = nullptr;
    QProgressBar* m_progress = nullptr;
    NoticeStrip* m_result = nullptr;
};

} // namespace stair
