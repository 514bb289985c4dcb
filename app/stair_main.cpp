#include "core/cli/command_line.h"

#include <QCoreApplication>

#include <clocale>

int main(int argc, char** argv)
{
    const QCoreApplication application(argc, argv); // finds the image plugins
    std::setlocale(LC_NUMERIC, "C"); // Qt has chosen the user's; files have points, not commas
    return stair::runCommandLine(argc, argv);
}
