#pragma once

#include "core/session/stair_job.h"

#include <QDialog>

class QLabel;
class QProgressBar;
class QPushButton;
class QStandardItemModel;
class QTableView;

namespace stair {

/// Versions, the machine, and what every integer kernel computes on its CPU, checked now by `stair
/// conformance` in the background.
class AboutDialog : public QDialog
{
    Q_OBJECT

public:
    /// `program`: the `stair` binary.
    explicit AboutDialog(const QString& program, QWidget* parent = nullptr);

private:
    QWidget* buildCheck();
    void check();
    void take(const StairJob::Outcome& outcome);
    void showRows(const Json& report);

    StairJob m_job;
    QLabel* m_verdict = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton* m_check = nullptr; // or cancels the check
    QStandardItemModel* m_rows = nullptr;
    QTableView* m_table = nullptr;
};

} // namespace stair
