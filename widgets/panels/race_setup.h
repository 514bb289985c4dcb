#pragma once

#include "core/session/race_record.h"
#include "widgets/models/race_method_model.h"

#include <QWidget>

#include <optional>

class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QTableView;

namespace stair {

/// A race that is to be started.
struct RaceStart
{
    RaceRecord record;
    std::vector<ExperimentSpec> specs; // one a lane, with the first seed
};

/// Chooses who races: methods, widths, number of seeds; the rest is the experiment in the form.
class RaceSetup : public QWidget
{
    Q_OBJECT

public:
    explicit RaceSetup(QWidget* parent = nullptr);

    /// The experiment, or why there is none.
    void setExperiment(const std::optional<ExperimentSpec>& spec, const QString& problem);

    /// What the Start button would start. Throws Error when it cannot.
    RaceStart start() const;

    void focusMethods();

signals:
    void startWanted();
    void cancelled();

private:
    QWidget* buildFields();
    void showEntrants();
    void updateControls();
    QString proposedTitle() const;

    std::optional<ExperimentSpec> m_spec;
    QString m_problem;
    RaceMethodModel m_methods;
    QTableView* m_table = nullptr;
    QLineEdit* m_title = nullptr;
    QSpinBox* m_weights = nullptr;
    QSpinBox* m_activations = nullptr;
    QSpinBox* m_seeds = nullptr;
    QLabel* m_help = nullptr;
    QLabel* m_plan = nullptr;
    QPushButton* m_start = nullptr;
};

} // namespace stair
