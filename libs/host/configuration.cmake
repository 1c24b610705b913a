# bongsu_embed_configuration(TARGET FILE): puts FILE into the binary as the configuration's first layer.
# Without the file the layer is empty. This script is both: included, it declares the function; run with
# -P, it writes the source.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(BONGSU_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE} CACHE INTERNAL "")
  function(bongsu_embed_configuration target file)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}_configuration.cpp)
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    set(depends)
    if(EXISTS ${file})
      set(depends ${file})
    endif()
    add_custom_command(
      OUTPUT ${source}
      COMMAND ${CMAKE_COMMAND} -DYAML=${file} -DSOURCE=${source} -P ${BONGSU_EMBED_SCRIPT}
      DEPENDS ${depends} ${BONGSU_EMBED_SCRIPT}
      COMMENT "configuration of ${target}")
    target_sources(${target} PRIVATE ${source})
  endfunction()
  return()
endif()

set(text "")
if(EXISTS ${YAML})
  file(READ ${YAML} text)
endif()
file(WRITE ${SOURCE} "#include <string_view>
namespace bongsu::host {
std::string_view embedded_configuration();
std::string_view embedded_configuration() {
  return R\"__yaml__(${text})__yaml__\";
}
}  // namespace bongsu::host
")
