/// <reference path="./papaparse.d.ts" />
export { default as Papa } from 'papaparse'
