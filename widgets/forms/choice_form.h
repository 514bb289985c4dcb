#pragma once

#include "core/base/params.h"

#include <QWidget>

#include <string>
#include <vector>

class QComboBox;
class QLabel;

namespace stair {

class ParamForm;

/// One of a table's entries, and the parameters that it has.
class ChoiceForm : public QWidget
{
    Q_OBJECT

public:
    struct Row
    {
        std::string id;
        std::string title;
        std::string help;
        std::string source;
        std::vector<ParamSpec> params;
    };

    ChoiceForm(const QString& label, std::vector<Row> rows, QWidget* parent = nullptr);

    std::string id() const;
    QString title() const;
    Json values() const;

    /// The chosen entry's values, checked; errors name `place`.
    ParamValues params(const std::string& place) const;

    /// Not signalled. An id that is not in the table is left alone.
    void set(const std::string& id, const Json& values);

    /// Entry and values as they stand, also while invalid.
    Json state() const { return {{"id", id()}, {"values", values()}}; }
    void setState(const Json& state); // keeps the rows, and the focus, where the entry is the same

signals:
    void chosen(); // another entry; changed() follows
    void changed();

private:
    void showRow();

    std::vector<Row> m_rows;
    QComboBox* m_box = nullptr;
    QLabel* m_help = nullptr;
    ParamForm* m_params = nullptr;
};

/// The rows of a table: any of networks(), datasets(), methods(), optimizers(), schedules().
template<typename Info>
std::vector<ChoiceForm::Row> choiceRows(const std::vector<Info>& table)
{
    std::vector<ChoiceForm::Row> rows;
    for (const Info& info : table) {
        ChoiceForm::Row row = {info.id, info.title, info.help, {}, info.params};
        if constexpr (requires { info.source; })
            row.source = info.source;
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace stair
