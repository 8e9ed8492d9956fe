export { createEngine, type Engine, type EngineRequest } from './engine.ts';
export { EngineCrashedError } from './errors.ts';
export { findPython, llamaSourcePath, pythonPath, ROOT } from './find-python.ts';
