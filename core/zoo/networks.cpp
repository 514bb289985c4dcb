#include "core/zoo/networks.h"

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/zoo/alexnet.h"
#include "core/zoo/convnet.h"
#include "core/zoo/convnet_small.h"
#include "core/zoo/densenet.h"
#include "core/zoo/inception_v3.h"
#include "core/zoo/lenet5.h"
#include "core/zoo/mlp.h"
#include "core/zoo/mobilenet_v2.h"
#include "core/zoo/resnet.h"
#include "core/zoo/resnet_imagenet.h"
#include "core/zoo/shufflenet_v2.h"
#include "core/zoo/vgg.h"
#include "core/zoo/vgg_small.h"

namespace stair {

// To add a network: write its file pair beside this one (see vgg_small for the shortest), list it
// in CMakeLists.txt, include its header above and add its line here. tst_networks tests it at once.
const std::vector<NetworkInfo>& networks()
{
    static const std::vector<NetworkInfo> table = {
        convNetSmallInfo(),
        mlpInfo(),
        lenet5Info(),
        convNetInfo('a'),
        convNetInfo('b'),
        convNetInfo('c'),
        convNetInfo('d'),
        vggSmallInfo(),
        resnetInfo(20),
        resnetInfo(32),
        resnetInfo(56),
        resnetInfo(110),
        resnetImageNetInfo(18),
        resnetImageNetInfo(34),
        resnetImageNetInfo(50),
        mobileNetV2Info(),
        shuffleNetV2Info(),
        alexNetInfo(),
        vggInfo(11),
        vggInfo(16),
        inceptionV3Info(),
        denseNet100Info(),
    };
    return table;
}

const NetworkInfo& network(const std::string& id)
{
    std::vector<std::string> known;
    for (const NetworkInfo& info : networks()) {
        if (info.id == id)
            return info;
        known.push_back(info.id);
    }
    throw Error(unknownName("network", id, known));
}

} // namespace stair
