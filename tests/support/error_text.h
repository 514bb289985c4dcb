#pragma once

#include "core/base/error.h"

#include <QString>

namespace stair {

/// The text of the Error that `work` throws; empty when it throws none.
template<typename Work>
QString errorText(const Work& work)
{
    try {
        work();
    } catch (const Error& error) {
        return QString::fromStdString(error.what());
    }
    return {};
}

/// Fails the test unless the text contains the part; shows both.
#define VERIFY_CONTAINS(text, part)                                                                \
    QVERIFY2((text).contains(part),                                                                \
             qPrintable(QStringLiteral("'%1' lacks '%2'").arg((text), QString(part))))

} // namespace stair
