#include "core/train/metrics.h"

#include "core/base/assert.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

/// Whether class a stands before class b: a greater logit, or an equal one and a lower number.
/// Not-a-number stands last, so that a network that has diverged answers class 0.
bool precedes(std::span<const float> logits, std::size_t a, std::size_t b)
{
    if (std::isnan(logits[a]) || std::isnan(logits[b]))
        return std::isnan(logits[a]) == std::isnan(logits[b]) ? a < b : std::isnan(logits[b]);
    return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
}

/// -log softmax(logits)[label], computed from the greatest logit so that nothing overflows.
double crossEntropy(std::span<const float> logits, std::size_t label)
{
    const double greatest = *std::ranges::max_element(logits);
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(double(logit) - greatest);
    return std::log(sum) - (double(logits[label]) - greatest);
}

} // namespace

Json toJson(const Metrics& metrics, bool withConfusion)
{
    Json json = {{"images", metrics.images},
                 {"loss", metrics.loss},
                 {"top1", metrics.top1},
                 {"top5", metrics.top5}};
    if (withConfusion) {
        const auto classes = std::size_t(std::lround(std::sqrt(double(metrics.confusion.size()))));
        Json rows = Json::array();
        for (std::size_t row = 0; row < classes; ++row) {
            const auto first = metrics.confusion.begin() + std::ptrdiff_t(row * classes);
            rows.push_back(std::vector(first, first + std::ptrdiff_t(classes)));
        }
        json["confusion"] = std::move(rows);
    }
    return json;
}

MetricsMeter::MetricsMeter(int classes)
    : m_classes(classes)
{
    m_sum.confusion.resize(std::size_t(classes) * std::size_t(classes));
}

void MetricsMeter::add(const Tensor& logits, std::span<const std::uint16_t> labels)
{
    const auto classes = std::size_t(m_classes);
    require(std::size_t(logits.size()) == labels.size() * classes, "one row of logits per label");
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto row = logits.values().subspan(i * classes, classes);
        const std::size_t label = labels[i];
        require(label < classes, "a label is a class");
        std::size_t rank = 0;
        std::size_t prediction = 0;
        for (std::size_t j = 0; j < classes; ++j) {
            rank += precedes(row, j, label) ? 1 : 0;
            prediction = precedes(row, j, prediction) ? j : prediction;
        }
        m_sum.images += 1;
        m_sum.loss += crossEntropy(row, label);
        m_sum.top1 += rank < 1 ? 1 : 0;
        m_sum.top5 += rank < 5 ? 1 : 0;
        m_sum.confusion[label * classes + prediction] += 1;
    }
}

Metrics MetricsMeter::value() const
{
    Metrics mean = m_sum;
    const double images = std::max<double>(1, double(mean.images));
    mean.loss /= images;
    mean.top1 /= images;
    mean.top5 /= images;
    return mean;
}

} // namespace stair
