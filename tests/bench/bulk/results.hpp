#pragma once
#include <string>

#include <support/stack/stack.hpp>

namespace bongsu::bench {

/// Tells jobs of `pages` pages of 1,000 recipients, and that each was reached: what gateway and channels
/// would.
void write_planned(support::Stack& stack, const std::string& job, int pages);
void write_results(support::Stack& stack, const std::string& job, int pages);

/// Asks for a job of everybody in their twenties, without the jobs service; pages may be frozen without end.
/// Returns its id.
std::string request_job(support::Stack& stack);

}  // namespace bongsu::bench
