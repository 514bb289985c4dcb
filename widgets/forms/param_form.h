#pragma once

#include "core/base/params.h"

#include <QWidget>

class QComboBox;
class QFormLayout;

namespace stair {

/// A form made from ParamSpecs: one row each, with the help, the range, the default and the source
/// as tool tip and as What's this. Knows nothing of what the parameters mean.
class ParamForm : public QWidget
{
    Q_OBJECT

public:
    explicit ParamForm(QWidget* parent = nullptr);

    /// Builds the rows anew, with the defaults as values. `source`: where parameters come from that
    /// name no source themselves. Not signalled.
    void setParams(const std::vector<ParamSpec>& params, const std::string& source = {});

    /// One key for each parameter. What is no number stays a text, for the spec's reader to refuse.
    Json values() const;

    /// Sets the keys that are there; others keep their values. Not signalled.
    void setValues(const Json& values);

    /// The widget of parameter `name`; its object name is the parameter's.
    QWidget* editor(const std::string& name) const;

signals:
    void changed();

private:
    QWidget* makeEditor(const ParamSpec& param);
    QWidget* makeInteger(const ParamSpec& param);
    static Json valueOf(const ParamSpec& param, const QWidget* editor);
    static void setValue(const ParamSpec& param, QWidget* editor, const Json& value);

    std::vector<ParamSpec> m_params;
    std::vector<QWidget*> m_editors;
    QFormLayout* m_form = nullptr;
};

/// Rows that align across the forms of one column.
QFormLayout* makeFormLayout(QWidget* parent = nullptr);

/// The least width of a form's labels, so that the fields of all forms begin in one column.
int labelWidth(const QWidget* label);

/// A combo box that may be narrower than its entries, with the wheel guarded.
QComboBox* makeChoiceBox();

/// Lets the wheel change `widget` only while it has the focus, so that scrolling past is safe.
void guardWheel(QWidget* widget);

} // namespace stair
