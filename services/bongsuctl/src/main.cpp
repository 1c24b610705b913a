#include "command_line.hpp"

#include <bongsu/core/log.hpp>

#include <iostream>

namespace {

using namespace bongsu;

int show(const ctl::Invocation& invocation, const Result<ctl::Report>& report) {
  if (!report) {
    std::cerr << "bongsuctl: " << report.error().message << '\n';
    return ctl::exit_code::of(report.error());
  }
  if (invocation.bare && invocation.format == ctl::Format::kTable) {
    std::cout << report->rows.at(0).at(0) << '\n';
  } else {
    ctl::print(*report, invocation.format, std::cout);
  }
  return report->fine ? ctl::exit_code::kDone : ctl::exit_code::kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  log::configure("bongsuctl", log::Level::kError);
  int exit_code = ctl::exit_code::kUsage;
  const auto invocation = ctl::parse_command_line(argc, argv, ctl::Environment::of_process(), exit_code);
  if (!invocation) return exit_code;

  asio::io_context io;
  asio::co_spawn(io, invocation->command(),
                 [&](const std::exception_ptr& escaped, Result<ctl::Report> report) {
                   if (escaped) std::rethrow_exception(escaped);
                   exit_code = show(*invocation, report);
                   io.stop();
                 });
  io.run();
  return exit_code;
}
