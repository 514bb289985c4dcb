#pragma once

#include "core/session/measured_map.h"
#include "core/session/stair_job.h"

#include <QWidget>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QToolButton;

namespace stair {

/// Widths for a size budget: asks `stair propose` for them and tells what they were measured to be
/// against one width for all layers.
class BudgetBar : public QWidget
{
    Q_OBJECT

public:
    /// A layer and its bits; 0: as it is.
    using Widths = std::vector<std::pair<std::string, int>>;

    /// `program`: the `stair` binary.
    explicit BudgetBar(const QString& program, QWidget* parent = nullptr);

    /// The run and its finished map; without one nothing can be proposed.
    void setMap(const std::filesystem::path& run, const std::optional<MeasuredMap>& map);

signals:
    void proposed(const stair::BudgetBar::Widths& widths); // empty: there is none any more
    void failed(const QString& why); // empty: a new attempt
    void forkWanted(const stair::BudgetBar::Widths& widths); // those that change

private:
    QWidget* buildBudget();
    QWidget* buildResult();
    void propose();
    void take(const StairJob::Outcome& outcome);
    void forget();
    void updateControls();

    StairJob m_job;
    std::filesystem::path m_run;
    std::optional<MeasuredMap> m_map;
    Widths m_widths;
    QDoubleSpinBox* m_budget = nullptr;
    QLabel* m_range = nullptr;
    QPushButton* m_propose = nullptr;
    QToolButton* m_stop = nullptr;
    QWidget* m_resultRow = nullptr;
    QLabel* m_result = nullptr;
    QPushButton* m_fork = nullptr;
};

} // namespace stair
