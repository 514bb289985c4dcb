#include "widgets/forms/choice_form.h"

#include "widgets/forms/param_form.h"
#include "widgets/forms/spec_fields.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace stair {

namespace {

QString whatIs(const QString& label, const ChoiceForm::Row& row)
{
    const auto escaped = [](const std::string& text) {
        return QString::fromStdString(text).toHtmlEscaped();
    };
    QString text
        = QStringLiteral("<p><b>%1: %2</b></p>").arg(label.toHtmlEscaped(), escaped(row.title));
    if (!row.help.empty())
        text += QStringLiteral("<p>%1</p>").arg(escaped(row.help));
    if (!row.source.empty())
        text += ChoiceForm::tr("<p>Source: %1</p>").arg(escaped(row.source));
    return text + ChoiceForm::tr("<p>Id in specs: <code>%1</code></p>").arg(escaped(row.id));
}

} // namespace

ChoiceForm::ChoiceForm(const QString& label, std::vector<Row> rows, QWidget* parent)
    : QWidget(parent)
    , m_rows(std::move(rows))
    , m_box(makeChoiceBox())
    , m_help(new QLabel)
    , m_params(new ParamForm)
{
    m_box->setObjectName(QStringLiteral("choice"));
    m_box->setAccessibleName(label);
    for (const Row& row : m_rows) {
        m_box->addItem(QString::fromStdString(row.title), QString::fromStdString(row.id));
        QString tip = QString::fromStdString(row.help);
        if (!row.source.empty())
            tip += QLatin1Char('\n') + tr("Source: %1").arg(QString::fromStdString(row.source));
        m_box->setItemData(m_box->count() - 1, tip, Qt::ToolTipRole);
    }
    m_help->setWordWrap(true);
    m_help->setTextFormat(Qt::PlainText);
    auto* form = makeFormLayout();
    auto* name = new QLabel(label);
    name->setMinimumWidth(labelWidth(name));
    form->addRow(name, m_box);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addLayout(form);
    layout->addWidget(m_help);
    layout->addWidget(m_params);
    showRow();
    connect(m_box, &QComboBox::currentIndexChanged, this, [this] {
        showRow();
        emit chosen();
        emit changed();
    });
    connect(m_params, &ParamForm::changed, this, &ChoiceForm::changed);
}

void ChoiceForm::showRow()
{
    const int index = m_box->currentIndex();
    if (index < 0)
        return;
    const Row& row = m_rows[std::size_t(index)];
    m_help->setText(QString::fromStdString(row.help));
    m_help->setVisible(!row.help.empty());
    m_box->setToolTip(m_box->itemData(index, Qt::ToolTipRole).toString());
    m_box->setWhatsThis(whatIs(m_box->accessibleName(), row));
    m_params->setParams(row.params, row.source);
}

std::string ChoiceForm::id() const
{
    return m_box->currentData().toString().toStdString();
}

QString ChoiceForm::title() const
{
    return m_box->currentText();
}

Json ChoiceForm::values() const
{
    return m_params->values();
}

ParamValues ChoiceForm::params(const std::string& place) const
{
    const int index = m_box->currentIndex();
    return index < 0 ? ParamValues()
                     : readParams(m_rows[std::size_t(index)].params, values(), place);
}

void ChoiceForm::setState(const Json& state)
{
    if (state.at("id") == id())
        m_params->setValues(state.at("values"));
    else
        set(state.at("id"), state.at("values"));
}

void ChoiceForm::set(const std::string& id, const Json& values)
{
    const int index = m_box->findData(QString::fromStdString(id));
    if (index < 0)
        return;
    const QSignalBlocker quiet(m_box);
    m_box->setCurrentIndex(index);
    showRow();
    m_params->setValues(values);
}

} // namespace stair
