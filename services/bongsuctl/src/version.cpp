#include "version.hpp"

namespace bongsu::ctl {

const char* version() { return BONGSU_VERSION; }

}  // namespace bongsu::ctl
