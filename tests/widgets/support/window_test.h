#pragma once

#include "core/train/experiment_spec.h"
#include "widgets/main/outline_style.h"

#include <QApplication>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

namespace stair {

/// Runs a test of the window: offscreen unless a platform is chosen, with settings of its own.
template<typename Test>
int runWindowTest(int argc, char* argv[])
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    qunsetenv("STAIRCASE_WORKSPACE");
    QTemporaryDir settings;
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
    QStandardPaths::setTestModeEnabled(true);
    QApplication app(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("Staircase"));
    QApplication::setApplicationName(QStringLiteral("staircase-test"));
    OutlineStyle::install();
    Test test;
    return QTest::qExec(&test, argc, argv);
}

/// A small experiment on the built-in data.
inline ExperimentSpec tinySpec(const std::string& name, bool quantized)
{
    Json json = {{"schema", 1},
                 {"name", name},
                 {"data", {{"id", "procedural"}, {"batch", 64}, {"validation", 200}}},
                 {"network", {{"id", "convnet_a"}}},
                 {"training", {{"epochs", 3}}}};
    if (quantized)
        json["quant"]
            = {{"method", "minmax"}, {"weights", {{"bits", 2}}}, {"activations", {{"bits", 2}}}};
    return ExperimentSpec::read(json, name);
}

inline std::filesystem::path pathOf(const QString& text)
{
    return text.toStdString();
}

} // namespace stair
