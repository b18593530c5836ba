# rondom_add_plugin(NAME SOURCES files... [LIBS libraries...] [PRESETS folder]
#                   [OUTPUT_DIRECTORY folder] [NO_MANIFEST])
#
# One plugin: a shared library that exports rondom_plugin_v1 and nothing else, is never unloaded, has
# no unresolved symbol, and has its manifest (NAME.plugin.json) beside it. Built into
# RONDOM_PLUGIN_OUTPUT_DIRECTORY (default: <build>/plugins). The target is called NAME.
# PRESETS (default: the folder preset/ beside the CMakeLists.txt, if there is one) is copied to
# NAME.presets beside the library, where the inventory finds it.
#
# The manifest is written by rondom-plugin-host: the target of this build, or the installed program.
# Where there is none, the SDK alone being installed, `rondom plugin install` writes it.
#
# A file fixtures/conformance.yaml beside the CMakeLists.txt makes a test, conformance_NAME: what
# `rondom plugin test` says of the plugin. Where the program is not installed there is no such test.

if(NOT RONDOM_PLUGIN_OUTPUT_DIRECTORY)
  set(RONDOM_PLUGIN_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
endif()
set(RONDOM_PLUGIN_VERSION_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/rondom_plugin.map)

# The command that writes manifests, or nothing.
function(rondom_find_plugin_host result)
  if(TARGET rondom-plugin-host)
    set(${result} $<TARGET_FILE:rondom-plugin-host> PARENT_SCOPE)
    return()
  endif()
  find_program(RONDOM_PLUGIN_HOST rondom-plugin-host
               HINTS ${RONDOM_SDK_PREFIX}/libexec/rondom /usr/local/libexec/rondom /usr/libexec/rondom)
  if(RONDOM_PLUGIN_HOST AND NOT CMAKE_CROSSCOMPILING)
    set(${result} ${RONDOM_PLUGIN_HOST} PARENT_SCOPE)
  else()
    set(${result} "" PARENT_SCOPE)
    get_property(told GLOBAL PROPERTY RONDOM_TOLD_OF_NO_HOST)
    if(NOT told)
      set_property(GLOBAL PROPERTY RONDOM_TOLD_OF_NO_HOST TRUE)
      message(WARNING "rondom-plugin-host is not installed here: plugins are built without their "
                      "manifests. `rondom plugin install FILE.so` writes them where they are used.")
    endif()
  endif()
endfunction()

# Registers the conformance test of a plugin that has fixtures for it.
function(rondom_add_conformance_test name)
  set(fixtures ${CMAKE_CURRENT_SOURCE_DIR}/fixtures)
  if(NOT EXISTS ${fixtures}/conformance.yaml)
    return()
  endif()
  if(TARGET rondom)
    set(program $<TARGET_FILE:rondom>)
  else()
    find_program(RONDOM_PROGRAM rondom HINTS ${RONDOM_SDK_PREFIX}/bin)
    set(program ${RONDOM_PROGRAM})
  endif()
  if(NOT program)
    message(STATUS "rondom is not installed here: no conformance test of ${name}")
    return()
  endif()
  add_test(NAME conformance_${name}
           COMMAND ${program} plugin test $<TARGET_FILE:${name}> --fixtures ${fixtures})
  set_tests_properties(conformance_${name} PROPERTIES LABELS conformance TIMEOUT 300)
endfunction()

function(rondom_add_plugin name)
  cmake_parse_arguments(ARG "NO_MANIFEST" "OUTPUT_DIRECTORY;PRESETS" "SOURCES;LIBS" ${ARGN})
  if(NOT ARG_OUTPUT_DIRECTORY)
    set(ARG_OUTPUT_DIRECTORY ${RONDOM_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  add_library(${name} MODULE ${ARG_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE Rondom::sdk ${ARG_LIBS})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so"
    LIBRARY_OUTPUT_DIRECTORY ${ARG_OUTPUT_DIRECTORY}
    CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${RONDOM_PLUGIN_VERSION_SCRIPT})
  target_link_options(${name} PRIVATE
    -Wl,--version-script=${RONDOM_PLUGIN_VERSION_SCRIPT} -Wl,-z,nodelete)
  # A sanitizer's runtime is in the program, not in the library: its symbols stay open.
  if(NOT RONDOM_SANITIZE)
    target_link_options(${name} PRIVATE -Wl,--no-undefined)
  endif()
  if(NOT ARG_PRESETS AND IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/preset)
    set(ARG_PRESETS ${CMAKE_CURRENT_SOURCE_DIR}/preset)
  endif()
  if(ARG_PRESETS)
    # A changed preset links again, which is what copies it.
    file(GLOB preset_files CONFIGURE_DEPENDS ${ARG_PRESETS}/*)
    set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${preset_files})
    add_custom_command(TARGET ${name} POST_BUILD
      COMMAND ${CMAKE_COMMAND} -E copy_directory ${ARG_PRESETS} ${ARG_OUTPUT_DIRECTORY}/${name}.presets
      VERBATIM)
  endif()
  if(ARG_NO_MANIFEST)
    return()
  endif()
  rondom_add_conformance_test(${name})
  rondom_find_plugin_host(host)
  if(NOT host)
    return()
  endif()
  if(TARGET rondom-plugin-host)
    add_dependencies(${name} rondom-plugin-host)
  endif()
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${host} --manifest $<TARGET_FILE:${name}>
    COMMENT "Manifest of plugin ${name}" VERBATIM)
endfunction()
