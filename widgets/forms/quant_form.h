#pragma once

#include "core/quant/quant_spec.h"

#include <QWidget>

class QCheckBox;

namespace stair {

class ChoiceForm;
class FoldBox;
class ParamForm;

/// The spec's "quant": the method, its parameters, the widths, what changes on the way; and whether a float run goes beside.
class QuantForm : public QWidget
{
    Q_OBJECT

public:
    explicit QuantForm(QWidget* parent = nullptr);

    void load(const QuantSpec& quant);
    void store(QuantSpec& quant) const; // throws Error naming the field
    QString summary() const;

    bool isFloat() const;

    /// Whether the same experiment is to be trained in float as well. Never for a float method.
    bool comparesWithFloat() const;
    void setComparesWithFloat(bool compares);

    /// The fields as they stand, also while invalid.
    Json state() const;
    void setState(const Json& state); // throws Error when it is of another version

signals:
    void changed();

private:
    void showMethod();
    void showSchedule();

    QuantSpec m_loaded;
    ChoiceForm* m_method = nullptr;
    ParamForm* m_fields = nullptr;
    ParamForm* m_schedule = nullptr;
    FoldBox* m_scheduleBox = nullptr;
    QCheckBox* m_compare = nullptr;
};

} // namespace stair
