#include "core/ops/reference/ref_move.h"

#include "core/ops/reference/ref_channels.h"
#include "core/ops/reference/ref_pool2d.h"

namespace stair {

namespace {

template<typename T>
struct Forward
{
    const T& src;
    T& dst;

    void operator()(const PoolGeometry& g) const { refMaxPoolForward(g, src, dst); }
    void operator()(const ShortcutGeometry& g) const { refPadShortcut(g, src, dst); }
    void operator()(const SliceGeometry& g) const { refSliceChannels(g, src, dst); }
    void operator()(const ShuffleGeometry& g) const { refShuffleChannels(g, src, dst); }
};

} // namespace

void refRunMove(const Move& move, const Tensor& src, Tensor& dst)
{
    std::visit(Forward<Tensor>{src, dst}, move);
}

void refRunMove(const Move& move, const Codes& src, Codes& dst)
{
    std::visit(Forward<Codes>{src, dst}, move);
}

} // namespace stair
