#pragma once

#include "core/base/params.h"

#include <QWidget>

#include <map>

class QFormLayout;
class QLabel;

namespace stair {

class ParamForm;
class SliderRow;

/// The selected method's parameters: sliders with fields for numbers, the usual editors for the rest, and
/// what is wrong with them, as it is typed.
class LabParams : public QWidget
{
    Q_OBJECT

public:
    explicit LabParams(QWidget* parent = nullptr);

    /// Builds the rows anew. Not signalled.
    void setMethod(const QString& title, const std::vector<ParamSpec>& params, const Json& values);
    Json values() const;

    /// Shown under the parameters; empty: none.
    void setProblem(const QString& problem);

    /// Nullptr for what is no number, or unknown.
    SliderRow* slider(const std::string& name) const;

signals:
    void changed();

protected:
    void changeEvent(QEvent* event) override;

private:
    void colourProblem();

    QLabel* m_title = nullptr;
    QFormLayout* m_numbers = nullptr;
    ParamForm* m_others = nullptr;
    QLabel* m_problem = nullptr;
    std::vector<ParamSpec> m_specs;
    std::map<std::string, SliderRow*> m_sliders;
};

} // namespace stair
