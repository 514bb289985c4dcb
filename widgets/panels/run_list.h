#pragma once

#include "widgets/models/run_list_model.h"
#include "widgets/models/run_list_proxy.h"

#include <QWidget>

#include <vector>

class QAction;
class QLabel;
class QLineEdit;
class QListView;
class QMenu;
class QToolButton;

namespace stair {

/// The runs: name, star, tags, state, best accuracy, progress or the course of the accuracy.
/// Sorted, filtered and grouped as wanted. Several can be selected; they are shown together.
class RunList : public QWidget
{
    Q_OBJECT

public:
    /// `model` must outlive this.
    explicit RunList(RunListModel& model, QWidget* parent = nullptr);

    /// Selects these runs and nothing else; those that are not listed are left out.
    void select(const std::vector<std::filesystem::path>& folders);

    /// The selected runs, oldest first.
    std::vector<RunLog*> selected() const;

    /// The selected runs as rows of the model.
    QModelIndexList selectedRows() const;

    void rename(); // edits the current run's title in place
    void focusFilter();

    RunListProxy& proxy() { return *m_proxy; }

    /// Menus for a run under the mouse, and for the list as a whole.
    void setRunActions(const QList<QAction*>& actions);
    void setViewActions(const QList<QAction*>& actions);

    QSize sizeHint() const override { return {230, 400}; }

signals:
    void selectionChanged();
    void pauseRequested(); // Space, while the list has the focus

private:
    void showEmpty();

    RunListModel& m_model;
    QLineEdit* m_filter = nullptr;
    QToolButton* m_order = nullptr;
    RunListProxy* m_proxy = nullptr;
    QListView* m_view = nullptr;
    QLabel* m_empty = nullptr;
};

} // namespace stair
