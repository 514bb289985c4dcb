#pragma once

#include <QRegularExpression>
#include <QStringList>

namespace stair {

/// Folders of core in the order in which they may include each other: each sees those before it.
inline const QStringList& coreOrder()
{
    static const QStringList order
        = {"base",  "tensor", "ops",   "quant",    "nn",       "zoo",     "data",
           "lower", "infer",  "train", "analysis", "exchange", "session", "cli"};
    return order;
}

inline QString topFolder(const QString& path)
{
    return path.section('/', 0, 0);
}

/// "ops" of "core/ops/dnnl/conv.h".
inline QString coreFolder(const QString& path)
{
    return topFolder(path) == "core" ? path.section('/', 1, 1) : QString();
}

/// Whether a file of core links Qt.
inline bool hasQt(const QString& file)
{
    return !file.startsWith("core/") || coreFolder(file) == "session" || coreFolder(file) == "cli";
}

/// Why `file` (from the source tree's top) may not include "core/..." or "widgets/..."; empty when
/// it may.
inline QString projectViolation(const QString& file, const QString& included)
{
    static const QStringList tops = {"core", "widgets", "app", "tests"};
    const int from = int(tops.indexOf(topFolder(file)));
    const int to = int(tops.indexOf(topFolder(included)));
    if (to < 0)
        return "is not written from the top of the tree";
    if (to > from)
        return topFolder(file) + " may not include " + topFolder(included);
    if (topFolder(file) == "tests")
        return {};
    if (included.startsWith("core/ops/dnnl/") && coreFolder(file) != "ops")
        return "oneDNN's side of an operation is for core/ops";
    if (included == "core/ops/dnnl/runtime.h" && !file.startsWith("core/ops/dnnl/")
        && file != "core/ops/runtime.cpp")
        return "brings dnnl.hpp out of core/ops/dnnl";
    static const QStringList algorithms = {"tensor", "ops", "infer", "cli"};
    if (topFolder(file) == "widgets" && algorithms.contains(coreFolder(included)))
        return "widgets know core's values, not its algorithms";
    if (topFolder(file) != "core" || topFolder(included) != "core")
        return {};
    const qsizetype here = coreOrder().indexOf(coreFolder(file));
    const qsizetype there = coreOrder().indexOf(coreFolder(included));
    if (here < 0 || there < 0)
        return "is in no known folder of core";
    return there > here ? coreFolder(file) + " may not include " + coreFolder(included) : QString();
}

/// The same for <library headers>.
inline QString libraryViolation(const QString& file, const QString& included)
{
    static const QRegularExpression qtHeader("^(Q[A-Z]|Qt|qt)");
    if (included.endsWith("dnnl.hpp") || included.endsWith("dnnl.h"))
        return file.startsWith("core/ops/dnnl/") ? "" : "oneDNN is included in core/ops/dnnl alone";
    if (included.startsWith("hwy/"))
        return file.startsWith("core/ops/") ? "" : "Highway is included in core/ops alone";
    if (included == "qcustomplot.h")
        return (file.startsWith("widgets/plot/") || file.startsWith("tests/widgets/"))
                && file.endsWith(".cpp")
            ? ""
            : "QCustomPlot is included in widgets/plot alone, in .cpp files";
    if (!hasQt(file) && included.contains(qtHeader))
        return "stair_core has no Qt";
    static const QStringList windowed = {"QtWidgets", "QWidget", "QApplication", "QtPrintSupport"};
    if (file.startsWith("core/") && windowed.contains(included.section('/', 0, 0)))
        return "core has no widgets";
    return {};
}

/// Why one line of `file` breaks the rules of dependency; empty when it does not.
inline QString violation(const QString& file, const QString& line)
{
    static const QRegularExpression include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
    const auto match = include.match(line);
    if (!match.hasMatch()) {
        static const QRegularExpression dnnlName(R"(\bdnnl::)");
        const bool outside = file.startsWith("core/") && !file.startsWith("core/ops/dnnl/");
        return outside && line.contains(dnnlName) ? "oneDNN is called in core/ops/dnnl alone" : "";
    }
    const QString included = match.captured(2);
    const bool isOwn = included.endsWith(".moc") || included.startsWith("ui_");
    QString reason = libraryViolation(file, included);
    if (reason.isEmpty() && match.captured(1) == "\"" && !isOwn && included != "qcustomplot.h")
        reason = projectViolation(file, included);
    return reason.isEmpty() ? reason : included + ": " + reason;
}

/// Whether a folder's CMakeLists names a file (given from that folder): "dnnl/conv.cpp", or a test
/// by its name alone.
inline bool isListed(const QString& cmake, const QString& file)
{
    QString name = file;
    if (name.startsWith("tst_"))
        name.chop(int(QString(".cpp").size()));
    const QRegularExpression token("(^|[\\s(])" + QRegularExpression::escape(name) + "($|[\\s)])",
                                   QRegularExpression::MultilineOption);
    return cmake.contains(token);
}

} // namespace stair
