#include "core/session/image_files.h"

#include "core/base/concat.h"
#include "core/base/error.h"

#include <QImage>
#include <QImageReader>

#include <algorithm>

namespace stair {

std::vector<std::uint8_t> readImageFile(const std::filesystem::path& path, const Shape& image)
{
    if (image.c != 1 && image.c != 3)
        throw Error(
            concat("the model takes images of ", image.c, " channels; picture files have 1 or 3"));
    QImageReader reader(QString::fromStdString(path.string()));
    reader.setAutoTransform(true);
    reader.setDecideFormatFromContent(true);
    const QImage whole = reader.read();
    if (whole.isNull())
        throw Error(concat("the picture ", path.string(),
                           " cannot be read: ", reader.errorString().toStdString()));
    const QImage scaled
        = whole.scaled(image.w, image.h, Qt::KeepAspectRatioByExpanding, Qt::SmoothTransformation);
    const QImage cut
        = scaled
              .copy((scaled.width() - image.w) / 2, (scaled.height() - image.h) / 2, image.w,
                    image.h)
              .convertToFormat(image.c == 1 ? QImage::Format_Grayscale8 : QImage::Format_RGB888);
    std::vector<std::uint8_t> bytes;
    for (int y = 0; y < image.h; ++y) {
        const uchar* row = cut.constScanLine(y);
        bytes.insert(bytes.end(), row, row + std::ptrdiff_t(image.w) * image.c);
    }
    return bytes;
}

bool isPictureFile(const std::filesystem::path& path)
{
    const QByteArray suffix = QByteArray::fromStdString(path.extension().string()).mid(1).toLower();
    return QImageReader::supportedImageFormats().contains(suffix);
}

} // namespace stair
