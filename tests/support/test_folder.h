#pragma once

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

namespace stair {

/// A folder for the test function (and data row) that is running.
inline std::filesystem::path testFolder(const QTemporaryDir& parent)
{
    std::filesystem::path folder = parent.path().toStdString();
    folder /= QTest::currentTestFunction();
    if (QTest::currentDataTag())
        folder /= QTest::currentDataTag();
    std::filesystem::create_directories(folder);
    return folder;
}

} // namespace stair
