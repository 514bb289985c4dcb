#include "widgets/main/fuzzy.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace stair {

namespace {

constexpr int hit = 1;
constexpr int atWord = 8; // at the beginning of a word
constexpr int unbroken = 7; // right behind the last hit
constexpr int scale = 1000; // so that the length decides between equals alone
constexpr int none = std::numeric_limits<int>::min() / 2;

} // namespace

// The best way of placing the characters: best[i] is the score of the first characters typed with
// the last of them at text[i].
int fuzzyScore(const QString& typed, const QString& text)
{
    const QString want = QString(typed).remove(QLatin1Char(' ')).toCaseFolded();
    const QString have = text.toCaseFolded();
    const auto length = std::size_t(have.size());
    if (want.isEmpty())
        return 0;
    std::vector<int> best(length, none);
    for (qsizetype k = 0; k < want.size(); ++k) {
        std::vector<int> next(length, none);
        int before = k == 0 ? 0 : none; // the best that ends left of i
        for (std::size_t i = 0; i < length; ++i) {
            if (have[qsizetype(i)] == want[k]) {
                const bool word = i == 0 || !have[qsizetype(i) - 1].isLetterOrNumber();
                int score = before;
                if (k > 0 && i > 0)
                    score = std::max(score, best[i - 1] + unbroken);
                next[i] = score <= none / 2 ? none : score + hit + (word ? atWord : 0);
            }
            if (k > 0)
                before = std::max(before, best[i]);
        }
        best = std::move(next);
    }
    const int score = *std::ranges::max_element(best.empty() ? (best = {none}) : best);
    return score <= none / 2 ? -1 : score * scale - std::min(int(length), scale - 1);
}

} // namespace stair
