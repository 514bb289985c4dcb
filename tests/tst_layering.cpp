#include "tests/support/layering.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTest>

using namespace stair;

namespace {

constexpr int mostLines = 500;

QString readText(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

} // namespace

/// What the linker cannot check of the house rules: who includes whom, how long files are, that
/// CMake knows them all.
class TestLayering : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        for (const char* top : {"core", "widgets", "app", "tests"}) {
            QDirIterator files(m_top.filePath(top), {"*.h", "*.cpp"}, QDir::Files,
                               QDirIterator::Subdirectories);
            while (files.hasNext())
                m_files.push_back(m_top.relativeFilePath(files.next()));
        }
        m_files.sort();
        QVERIFY(m_files.contains("core/ops/dnnl/runtime.h"));
        QVERIFY(m_files.contains("tests/tst_layering.cpp"));
    }

    void plantedLinesAreJudged_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("reason"); // empty: allowed
        const auto row
            = [](const char* name, const char* file, const char* line, const char* reason) {
                  QTest::addRow("%s", name) << file << line << reason;
              };
        row("a folder to the left", "core/quant/lsq.cpp", "#include \"core/ops/pool.h\"", "");
        row("its own folder", "core/quant/lsq.cpp", "#include \"core/quant/axes.h\"", "");
        row("a folder to the right", "core/quant/lsq.cpp", "#include \"core/nn/model.h\"",
            "quant may not include nn");
        row("the session from the engine", "core/train/trainer.cpp",
            "  #  include \"core/session/run_folder.h\"", "train may not include session");
        row("the commands from the session", "core/session/worker.cpp",
            "#include \"core/cli/progress.h\"", "session may not include cli");
        row("no known folder", "core/quant/lsq.cpp", "#include \"core/misc/all.h\"",
            "no known folder");
        row("widgets from core", "core/session/worker.cpp", "#include \"widgets/plot/line_plot.h\"",
            "core may not include widgets");
        row("tests from core", "core/base/json.cpp", "#include \"tests/support/error_text.h\"",
            "core may not include tests");
        row("the program from widgets", "widgets/main/main_window.cpp",
            "#include \"app/application.h\"", "widgets may not include app");
        row("a tensor in a widget", "widgets/lab/rounding_lab.cpp",
            "#include \"core/tensor/tensor.h\"", "not its algorithms");
        row("a probe in a widget", "widgets/lab/rounding_lab.cpp",
            "#include \"core/quant/probe.h\"", "");
        row("a relative path", "core/quant/lsq.cpp", "#include \"axes.h\"", "top of the tree");
        row("oneDNN at home", "core/ops/dnnl/conv.cpp", "#include <oneapi/dnnl/dnnl.hpp>", "");
        row("oneDNN elsewhere", "core/quant/lsq.cpp", "#include <oneapi/dnnl/dnnl.hpp>",
            "core/ops/dnnl alone");
        row("oneDNN by its short name", "core/ops/pool.cpp", "#include \"dnnl.hpp\"",
            "core/ops/dnnl alone");
        row("oneDNN called elsewhere", "core/ops/pool.cpp", "    dnnl::memory memory;",
            "core/ops/dnnl alone");
        row("oneDNN's header through ours", "core/ops/integer/kernels.cpp",
            "#include \"core/ops/dnnl/runtime.h\"", "brings dnnl.hpp out");
        row("oneDNN's operations in a network", "core/nn/training_forward.cpp",
            "#include \"core/ops/dnnl/conv.h\"", "for core/ops");
        row("Highway in a network", "core/nn/model.cpp", "#include <hwy/highway.h>",
            "core/ops alone");
        row("Qt in the engine", "core/train/trainer.cpp", "#include <QString>", "no Qt");
        row("Qt's folders in the engine", "core/base/json.h", "#include <QtCore/QObject>", "no Qt");
        row("Qt in the session", "core/session/worker.cpp", "#include <QString>", "");
        row("a window in the session", "core/session/worker.cpp", "#include <QWidget>",
            "core has no widgets");
        row("plots at home", "widgets/plot/line_plot.cpp", "#include <qcustomplot.h>", "");
        row("plots in a header", "widgets/plot/line_plot.h", "#include <qcustomplot.h>",
            "in .cpp files");
        row("plots in a panel", "widgets/panels/curves_panel.cpp", "#include <qcustomplot.h>",
            "widgets/plot alone");
        row("plots looked into by a test", "tests/widgets/tst_contrast.cpp",
            "#include <qcustomplot.h>", "");
        row("a moc file", "tests/tst_layering.cpp", "#include \"tst_layering.moc\"", "");
        row("tests see everything", "tests/core/nn/tst_graph.cpp",
            "#include \"core/ops/dnnl/conv.h\"", "");
        row("a comment", "core/quant/lsq.cpp", "// #include \"core/nn/model.h\" would be wrong",
            "");
    }

    void plantedLinesAreJudged()
    {
        QFETCH(QString, file);
        QFETCH(QString, line);
        QFETCH(QString, reason);
        const QString found = violation(file, line);
        QVERIFY2(reason.isEmpty() ? found.isEmpty() : found.contains(reason), qPrintable(found));
    }

    void plantedListsAreJudged()
    {
        const QString cmake = "target_sources(a PRIVATE\n    conv.cpp conv.h\n    dnnl/isa.cpp)\n"
                              "stair_test(tst_conv LIBS stair_core)\n";
        for (const char* listed : {"conv.cpp", "conv.h", "dnnl/isa.cpp", "tst_conv.cpp"})
            QVERIFY2(isListed(cmake, listed), listed);
        for (const char* missing : {"isa.cpp", "dnnl/isa.h", "onv.cpp", "tst_con.cpp", "pool.cpp"})
            QVERIFY2(!isListed(cmake, missing), missing);
    }

    void filesKeepTheOrder()
    {
        QStringList found;
        for (const QString& file : m_files) {
            const QStringList lines = textOf(file).split('\n');
            for (qsizetype i = 0; i < lines.size(); ++i) {
                const QString reason = violation(file, lines[i]);
                if (!reason.isEmpty())
                    found.push_back(QString("%1:%2 %3").arg(file).arg(i + 1).arg(reason));
            }
        }
        QVERIFY2(found.isEmpty(), qPrintable(found.join('\n')));
    }

    void filesAreShort()
    {
        QStringList found;
        for (const QString& file : m_files) {
            const qsizetype lines = textOf(file).count('\n');
            if (lines > mostLines)
                found.push_back(QString("%1 has %2 lines").arg(file).arg(lines));
        }
        QVERIFY2(found.isEmpty(), qPrintable(found.join('\n')));
    }

    void cmakeListsEveryFile()
    {
        QStringList found;
        for (const QString& file : m_files) {
            if (file.startsWith("tests/") && file.endsWith(".h"))
                continue; // tests link what they need; their headers belong to no target
            QString folder = file.section('/', 0, -2);
            while (!QFile::exists(m_top.filePath(folder + "/CMakeLists.txt")))
                folder = folder.section('/', 0, -2);
            const QString cmake = readText(m_top.filePath(folder + "/CMakeLists.txt"));
            if (!isListed(cmake, file.mid(folder.size() + 1)))
                found.push_back(file + " is not in " + folder + "/CMakeLists.txt");
        }
        QVERIFY2(found.isEmpty(), qPrintable(found.join('\n')));
    }

    void coreHasNoUnknownFolder()
    {
        for (const QString& folder :
             QDir(m_top.filePath("core")).entryList(QDir::Dirs | QDir::NoDotAndDotDot))
            QVERIFY2(coreOrder().contains(folder), qPrintable(folder));
    }

private:
    QString textOf(const QString& file) const { return readText(m_top.filePath(file)); }

    const QDir m_top{STAIR_SOURCE_DIR};
    QStringList m_files;
};

QTEST_GUILESS_MAIN(TestLayering)
#include "tst_layering.moc"
