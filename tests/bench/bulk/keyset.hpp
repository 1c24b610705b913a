#pragma once
#include <string>

namespace bongsu::bench {

/// What autovacuum would have done by the time. Throws when it cannot.
void analyze_members(const std::string& conninfo);

/// Members a second of a plain keyset read, 10,000 at a time, in the order of birth date and id: blocking
/// libpq, binary, what a request is made of and nothing else. Throws when fewer than `members` are there.
double bare_keyset_read(const std::string& conninfo, int members);

}  // namespace bongsu::bench
