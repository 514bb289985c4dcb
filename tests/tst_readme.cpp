#include "core/cli/commands.h"
#include "core/session/cards.h"
#include "core/train/experiment_spec.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>

using namespace stair;

namespace {

/// "data.augment.pad" and the like of every value in a spec; a family's own parameters left out.
void collectKeys(const Json& json, const QString& above, QStringList& keys)
{
    for (const auto& [name, value] : json.items()) {
        const QString key = above + QString::fromStdString(name);
        const bool isFamily = value.is_object() && value.contains("id") && key != "data"
            && key != "network"; // optimizer, schedule: described by their tables
        if (value.is_object() && !isFamily && name != "params")
            collectKeys(value, key + '.', keys);
        else
            keys.push_back(key);
    }
}

} // namespace

/// The README's account of the spec against the code that reads specs.
class TestReadme : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QFile file(QStringLiteral(STAIR_SOURCE_DIR "/README.md"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        m_text = QString::fromUtf8(file.readAll());
    }

    void theSpecShownHasTheDefaults()
    {
        static const QRegularExpression block("```json\n(.*?)```",
                                              QRegularExpression::DotMatchesEverythingOption);
        const auto match = block.match(m_text);
        QVERIFY(match.hasMatch());
        const Json shown = Json::parse(match.captured(1).toStdString());
        const Json defaults = ExperimentSpec::read(Json::object(), "defaults").toJson();
        const Json read = ExperimentSpec::read(shown, "README").toJson();
        QCOMPARE(QString::fromStdString(read.dump(1)), QString::fromStdString(defaults.dump(1)));
        // Nothing was left out of what is shown either.
        QStringList known, written;
        collectKeys(defaults, "", known);
        collectKeys(shown, "", written);
        known.sort();
        written.sort();
        QCOMPARE(written, known);
    }

    void everyKeyIsExplained()
    {
        QStringList keys;
        collectKeys(ExperimentSpec::read(Json::object(), "defaults").toJson(), "", keys);
        for (const QString& key : keys) {
            const QString leaf = key.section('.', -1);
            QVERIFY2(m_text.contains('`' + key + '`') || m_text.contains('`' + leaf + '`'),
                     qPrintable(key));
        }
    }

    void everyCommandIsInTheTable()
    {
        for (const CommandInfo& command : commands()) {
            const QString row = QString::fromStdString("| `stair " + command.name);
            QVERIFY2(m_text.contains(row + ' ') || m_text.contains(row + '`'),
                     command.name.c_str());
        }
    }

    void theCardShownIsACard()
    {
        const qsizetype begin = m_text.indexOf("```json\n", m_text.indexOf("## Paper cards")) + 8;
        const QString block = m_text.mid(begin, m_text.indexOf("```", begin) - begin);
        const Json shown = Json::parse(block.toStdString());
        const PaperCard read = readCard("README", shown);
        const CardFigure& ours = card("aqe-convnet-d-w2a2").figure;
        QCOMPARE(read.title, card("aqe-convnet-d-w2a2").title);
        QCOMPARE(read.figure.reported, ours.reported);
        QCOMPARE(read.figure.table, ours.table);
        for (const ConfidenceLabel& label : confidenceLabels())
            QVERIFY2(m_text.contains(QString::fromStdString('`' + label.id + '`')),
                     label.id.c_str());
    }

private:
    QString m_text;
};

QTEST_GUILESS_MAIN(TestReadme)
#include "tst_readme.moc"
