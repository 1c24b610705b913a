#include <bongsu/host/checks.hpp>

namespace bongsu::host {

void check_postgres(Host& host, const postgres::Pool& pool) {
  host.add_check("postgres", [&pool]() -> Result<void> {
    if (pool.available()) return {};
    return fail(ErrorCode::kUnavailable, "PostgreSQL does not answer; what needs it waits");
  });
}

}  // namespace bongsu::host
