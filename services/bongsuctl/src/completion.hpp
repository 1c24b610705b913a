#pragma once
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace bongsu::ctl {

/// What may stand where the last of `words` is being written: subcommands and options that begin with it.
/// `words` are those after the tool's own name; the last one may be empty. Pure.
std::vector<std::string> candidates(const CLI::App& app, const std::vector<std::string>& words);

/// A script for bash that asks `bongsuctl complete` while its user writes.
std::string bash_script();

}  // namespace bongsu::ctl
