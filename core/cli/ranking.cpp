#include "core/cli/ranking.h"

#include "core/base/concat.h"
#include "core/cli/text_format.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace stair {

Json ranking(std::span<const float> logits, const std::vector<std::string>& names, int top)
{
    std::vector<int> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    const auto logit = [&](int c) {
        return logits[std::size_t(c)];
    };
    std::ranges::stable_sort(order, std::greater(), logit);
    double sum = 0;
    for (const float value : logits)
        sum += std::exp(double(value) - double(logit(order.front())));
    Json classes = Json::array();
    for (int i = 0; i < std::min<int>(top, int(order.size())); ++i) {
        const int c = order[std::size_t(i)];
        classes.push_back(
            {{"class", c},
             {"name", std::size_t(c) < names.size() ? names[std::size_t(c)] : std::to_string(c)},
             {"logit", logit(c)},
             {"probability", std::exp(double(logit(c)) - double(logit(order.front()))) / sum}});
    }
    return classes;
}

std::string rankingText(const Json& classes)
{
    std::string text;
    for (const Json& entry : classes)
        text += concat(text.empty() ? "" : ", ", entry.at("name").get<std::string>(), " ",
                       percentText(entry.at("probability").get<double>()));
    return text;
}

} // namespace stair
