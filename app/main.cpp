#include "app/application.h"

#include "widgets/main/outline_style.h"

#include <QApplication>
#include <QCommandLineParser>

int main(int argc, char* argv[])
{
    QApplication app(argc, argv);
    QApplication::setApplicationName(QStringLiteral("staircase"));
    QApplication::setApplicationDisplayName(QStringLiteral("Staircase"));
    QApplication::setOrganizationName(QStringLiteral("Staircase"));
    QApplication::setApplicationVersion(QStringLiteral(STAIR_VERSION));

    stair::OutlineStyle::install();

    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("A workbench for quantization experiments. Runs are kept in the folder that "
                       "STAIRCASE_WORKSPACE names, else in ~/Staircase."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(
        QStringLiteral("paths"),
        QStringLiteral("folders of runs to open and follow, or specs; a window that has the "
                       "workspace open takes them over"),
        QStringLiteral("[PATH...]"));
    parser.process(app);

    const stair::Application workbench(parser.positionalArguments());
    return workbench.hasWindow() ? QApplication::exec() : 0;
}
