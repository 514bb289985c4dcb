#include "widgets/forms/data_form.h"

#include "core/base/error.h"
#include "core/data/datasets.h"
#include "widgets/forms/choice_form.h"
#include "widgets/forms/param_form.h"
#include "widgets/forms/path_edit.h"
#include "widgets/forms/spec_fields.h"

#include <QFormLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace stair {

DataForm::DataForm(QWidget* parent)
    : QWidget(parent)
    , m_set(new ChoiceForm(tr("Data set"), choiceRows(datasets())))
    , m_pathRow(new QWidget)
    , m_path(new PathEdit(tr("file or folder, as downloaded")))
    , m_fields(new ParamForm)
{
    m_set->setObjectName(QStringLiteral("dataset"));
    m_path->setObjectName(QStringLiteral("dataPath"));
    m_fields->setObjectName(QStringLiteral("dataFields"));
    m_fields->setParams(dataFields());
    auto* row = makeFormLayout(m_pathRow);
    auto* label = new QLabel(tr("Path"));
    label->setMinimumWidth(labelWidth(label));
    label->setToolTip(tr("Absolute, or relative to the folder in $STAIRCASE_DATA."));
    m_path->setWhatsThis(tr("<p><b>Path of the data</b></p><p>The data set's file or folder as "
                            "downloaded, packed or not: absolute, or relative to the folder in "
                            "$STAIRCASE_DATA. Nothing is downloaded.</p><p>Key in specs: "
                            "<code>data.path</code></p>"));
    row->addRow(label, m_path);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_set);
    layout->addWidget(m_pathRow);
    layout->addWidget(m_fields);
    m_pathRow->setVisible(needsPath());
    connect(m_set, &ChoiceForm::chosen, this, [this] { m_pathRow->setVisible(needsPath()); });
    connect(m_set, &ChoiceForm::changed, this, &DataForm::changed);
    connect(m_path, &PathEdit::changed, this, &DataForm::changed);
    connect(m_fields, &ParamForm::changed, this, &DataForm::changed);
}

bool DataForm::needsPath() const
{
    return !m_set->id().empty() && dataset(m_set->id()).needsPath;
}

void DataForm::load(const DataSpec& data)
{
    m_set->set(data.id, data.params.toJson());
    m_path->setPath(QString::fromStdString(data.path));
    m_fields->setValues(dataValues(data));
    m_pathRow->setVisible(needsPath());
}

void DataForm::store(DataSpec& data) const
{
    data.id = m_set->id();
    data.params = m_set->params("data");
    data.path.clear();
    if (needsPath()) {
        data.path = m_path->path().toStdString();
        if (data.path.empty())
            throw Error("data.path is empty: choose the file or folder of the data set");
        resolveDataPath(data.path, {});
    }
    storeData(m_fields->values(), data);
}

Json DataForm::state() const
{
    return {{"set", m_set->state()},
            {"path", m_path->path().toStdString()},
            {"fields", m_fields->values()}};
}

void DataForm::setState(const Json& state)
{
    m_set->setState(state.at("set"));
    m_path->setPath(QString::fromStdString(state.at("path")));
    m_fields->setValues(state.at("fields"));
    m_pathRow->setVisible(needsPath());
}

QString DataForm::summary() const
{
    const Json fields = m_fields->values();
    return tr("%1, batch %2").arg(m_set->title()).arg(fields.value("batch", 0));
}

} // namespace stair
