export { createEngine, type Engine, type EngineRequest } from './engine.ts';
export { EngineCrashedError } from './errors.ts';
export { findPython, ROOT } from './find-python.ts';
