#pragma once
#include <bongsu/postgres/migrate.hpp>

#include <vector>

namespace bongsu {

/// The migrations of every service, as they stood in the source tree when this was built. See
/// CMakeLists.txt for which folders make which schema.
std::vector<postgres::MigrationSet> migrations();

}  // namespace bongsu
