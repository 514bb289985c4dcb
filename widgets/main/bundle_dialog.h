#pragma once

#include "core/session/stair_job.h"

#include <QDialog>

#include <filesystem>
#include <vector>

class QProgressBar;
class QPushButton;

namespace stair {

class NoticeStrip;

/// Saves a diagnostic bundle by `stair diagnose`; says before what it will contain.
class BundleDialog : public QDialog
{
    Q_OBJECT

public:
    /// `program`: the `stair` binary; `window`: the window's saved state.
    BundleDialog(const QString& program, const std::vector<std::filesystem::path>& runs,
                 const std::filesystem::path& window, QWidget* parent = nullptr);

private:
    void browse();
    void save(const QString& file);
    void take(const StairJob::Outcome& outcome);

    StairJob m_job;
    std::vector<std::filesystem::path> m_runs;
    std::filesystem::path m_window;
    NoticeStrip* m_notice = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton* m_save = nullptr; // or cancels
};

} // namespace stair
