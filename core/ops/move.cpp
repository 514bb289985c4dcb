#include "core/ops/move.h"

#include "core/ops/channels.h"
#include "core/ops/shortcut.h"

namespace stair {

namespace {

/// The operation behind each geometry; T is Tensor or Codes.
template<typename T>
struct Forward
{
    const T& src;
    T& dst;
    Winners* winners;

    void operator()(const PoolGeometry& g) const { maxPool(g, src, dst, winners); }
    void operator()(const ShortcutGeometry& g) const { padShortcut(g, src, dst); }
    void operator()(const SliceGeometry& g) const { sliceChannels(g, src, dst); }
    void operator()(const ShuffleGeometry& g) const { shuffleChannels(g, src, dst); }
};

struct Backward
{
    const Tensor& dDst;
    const Winners& winners;
    Tensor& dSrc;

    void operator()(const PoolGeometry& g) const { maxPoolBackward(g, dDst, winners, dSrc); }
    void operator()(const ShortcutGeometry& g) const { padShortcutBackward(g, dDst, dSrc); }
    void operator()(const SliceGeometry& g) const { sliceChannelsBackward(g, dDst, dSrc); }
    void operator()(const ShuffleGeometry& g) const { shuffleChannelsBackward(g, dDst, dSrc); }
};

} // namespace

void runMove(const Move& move, const Tensor& src, Tensor& dst, Winners* winners)
{
    std::visit(Forward<Tensor>{src, dst, winners}, move);
}

void runMove(const Move& move, const Codes& src, Codes& dst, Winners* winners)
{
    std::visit(Forward<Codes>{src, dst, winners}, move);
}

void runMoveBackward(const Move& move, const Tensor& dDst, const Winners& winners, Tensor& dSrc)
{
    std::visit(Backward{dDst, winners, dSrc}, move);
}

} // namespace stair
