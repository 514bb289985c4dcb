#pragma once

#include "core/train/experiment_spec.h"

#include <QWidget>

namespace stair {

class ChoiceForm;
class ParamForm;
class PathEdit;

/// The spec's "training" as most users set it: epochs, optimizer, schedule, where it starts from.
class TrainingForm : public QWidget
{
    Q_OBJECT

public:
    explicit TrainingForm(QWidget* parent = nullptr);

    void load(const ExperimentSpec& spec);

    /// Throws Error naming the field. `advanced` holds the values of advancedFields().
    void store(ExperimentSpec& spec, const Json& advanced) const;
    QString summary() const;

    /// The fields as they stand, also while invalid.
    Json state() const;
    void setState(const Json& state);

signals:
    void changed();

private:
    ParamForm* m_fields = nullptr;
    ChoiceForm* m_optimizer = nullptr;
    ChoiceForm* m_schedule = nullptr;
    PathEdit* m_from = nullptr;
};

} // namespace stair
