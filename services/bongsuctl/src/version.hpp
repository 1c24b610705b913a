#pragma once

namespace bongsu::ctl {

/// The project's version, as in "0.1.0".
const char* version();

}  // namespace bongsu::ctl
