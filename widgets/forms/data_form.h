#pragma once

#include "core/train/experiment_spec.h"

#include <QWidget>

class QLabel;

namespace stair {

class ChoiceForm;
class ParamForm;
class PathEdit;

/// The spec's "data": which set, where it lies, how it is fed.
class DataForm : public QWidget
{
    Q_OBJECT

public:
    explicit DataForm(QWidget* parent = nullptr);

    void load(const DataSpec& data);

    /// Throws Error naming the field, or the places where the path was sought.
    void store(DataSpec& data) const;
    QString summary() const;

    /// The fields as they stand, also while invalid.
    Json state() const;
    void setState(const Json& state);

signals:
    void changed();

private:
    bool needsPath() const;

    ChoiceForm* m_set = nullptr;
    QWidget* m_pathRow = nullptr;
    PathEdit* m_path = nullptr;
    ParamForm* m_fields = nullptr;
};

} // namespace stair
