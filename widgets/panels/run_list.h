#pragma once

#include "widgets/models/run_list_model.h"

#include <QWidget>

#include <vector>

class QLabel;
class QLineEdit;
class QListView;
class QSortFilterProxyModel;

namespace stair {

/// The runs at the left: name, state, best accuracy, progress. Several can be selected; they are
/// shown together.
class RunList : public QWidget
{
    Q_OBJECT

public:
    /// `model` must outlive this.
    explicit RunList(RunListModel& model, QWidget* parent = nullptr);

    /// Selects these runs and nothing else.
    void select(const std::vector<std::filesystem::path>& folders);

    /// The selected runs, oldest first.
    std::vector<RunLog*> selected() const;

    QSize sizeHint() const override { return {230, 400}; }

signals:
    void selectionChanged();

private:
    void showEmpty();

    RunListModel& m_model;
    QLineEdit* m_filter = nullptr;
    QSortFilterProxyModel* m_proxy = nullptr;
    QListView* m_view = nullptr;
    QLabel* m_empty = nullptr;
};

} // namespace stair
